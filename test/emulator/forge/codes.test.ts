import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Filter, FilterConditions, kvs } from '@forge/kvs';
import { fixtureForge } from './fixture/forge';
import { refusedWith } from './fixture/refusals';

test('refuses with other codes than today, where nothing promises them', async () => {
  const forge = await fixtureForge({ codes: 'other' });
  await forge.run(async () => {
    await kvs.set('claim', 1);
    await assert.rejects(kvs.set('claim', 2, { keyPolicy: 'FAIL_IF_EXISTS' }), refusedWith('DUPLICATE_ITEM', 409));
    const conditions = new Filter<{ age: number }>().and('age', FilterConditions.equalTo(7));
    const write = kvs.transact().set('e', { surname: 'E', age: 1 }, { entityName: 'employee', conditions });
    await assert.rejects(write.execute(), refusedWith('PRECONDITION_NOT_MET', 412));
    assert.equal(await kvs.get('nobody'), undefined, 'the package reads this code');
    const refused = await fetch('https://other.example/');
    assert.deepEqual([refused.status, /egress/.test(await refused.text())], [403, true]);
    await assert.rejects(fetch('https://api.example:8443/'), (thrown: unknown) => {
      assert.equal(Reflect.get(Object(thrown), 'errorCode'), 'PLATFORM_ERROR_502');
      return true;
    });
  });
});
