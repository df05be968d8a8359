import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Filter, FilterConditions, kvs } from '@forge/kvs';
import { fixtureForge } from './fixture/forge';
import { refusedWith } from './fixture/refusals';

interface Employee {
  surname?: string;
  age?: number;
}
const ageIs = (age: number) => ({
  entityName: 'employee',
  conditions: new Filter<Employee>().and('age', FilterConditions.equalTo(age)),
});
const named = (surname: string, age: number): Employee => ({ surname, age });

test('a transaction writes everything', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    await kvs.set('old', 1);
    await kvs.transact().set('a', 1).set('e', named('Davis', 30), { entityName: 'employee' }).delete('old').execute();
  });
  assert.deepEqual(forge.storage(''), { a: 1, 'employee/e': { surname: 'Davis', age: 30 } });
});

test('a transaction whose condition does not hold writes nothing', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    await kvs.entity<Employee>('employee').set('e', named('Davis', 30));
    const moved = kvs.transact().set('a', 1).set('e', named('Davis', 32), ageIs(31)).execute();
    await assert.rejects(moved, refusedWith('CONDITIONAL_CHECK_FAILED'));
    assert.deepEqual(forge.storage(''), { 'employee/e': { surname: 'Davis', age: 30 } });
    await kvs.transact().set('a', 1).set('e', named('Davis', 31), ageIs(30)).execute();
    assert.deepEqual(forge.storage(''), { a: 1, 'employee/e': { surname: 'Davis', age: 31 } });
  });
});

test('exactly one of many that hold the same version wins', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    await kvs.entity<Employee>('employee').set('e', named('Davis', 1));
    const saves = Array.from({ length: 8 }, () => kvs.transact().set('e', named('Davis', 2), ageIs(1)).execute());
    const won = (await Promise.allSettled(saves)).filter(({ status }) => status === 'fulfilled');
    assert.equal(won.length, 1);
  });
});

test('a condition on an entity that is not there holds only for what is missing', async () => {
  const forge = await fixtureForge();
  const absent = {
    entityName: 'employee',
    conditions: new Filter<Employee>().and('age', FilterConditions.notExists()),
  };
  await forge.run(async () => {
    await assert.rejects(
      kvs.transact().check('e', ageIs(1)).set('a', 1).execute(),
      refusedWith('CONDITIONAL_CHECK_FAILED'),
    );
    await kvs.transact().set('e', named('Davis', 1), absent).execute();
    await assert.rejects(
      kvs.transact().set('e', named('Davis', 2), absent).execute(),
      refusedWith('CONDITIONAL_CHECK_FAILED'),
    );
    await assert.rejects(kvs.transact().delete('e', ageIs(2)).execute(), refusedWith('CONDITIONAL_CHECK_FAILED'));
    await kvs.transact().delete('e', ageIs(1)).execute();
  });
  assert.deepEqual(forge.storage(''), {});
});

test('a transaction refuses a bad value whole', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    await assert.rejects(kvs.transact().set('a', 1).set('b/c', 1).execute(), refusedWith('INVALID_KEY_FORMAT'));
    const wrong = kvs.transact().set('a', 1).set('e', { age: 'old' }, { entityName: 'employee' });
    await assert.rejects(wrong.execute(), refusedWith('INVALID_ENTITY'));
  });
  assert.deepEqual(forge.storage(''), {});
});

test('a transaction takes 25 operations on keys of their own, and 4 MB', async () => {
  const forge = await fixtureForge();
  const sets = (count: number, value: unknown = 1) => {
    const transaction = kvs.transact();
    for (let n = 0; n < count; n += 1) transaction.set(`k${n}`, value);
    return transaction;
  };
  await forge.run(async () => {
    await sets(25).execute();
    await assert.rejects(sets(26).execute(), refusedWith('MAX_OPERATIONS'));
    await assert.rejects(kvs.transact().execute(), refusedWith('INVALID_REQUEST'));
    await assert.rejects(kvs.transact().set('a', 1).delete('a').execute(), refusedWith('DUPLICATE_KEY'));
    // The same key of an entity is another key.
    await kvs.transact().set('a', 1).delete('a', { entityName: 'employee' }).execute();
    await sets(17, 'x'.repeat(239 * 1024)).execute();
    await assert.rejects(sets(18, 'x'.repeat(239 * 1024)).execute(), refusedWith('MAX_SIZE'));
  });
});

test('a transaction knows no key policy', async () => {
  const forge = await fixtureForge();
  const policy: { ttl?: never } & object = Object.assign({}, { keyPolicy: 'FAIL_IF_EXISTS' });
  await forge.run(() =>
    assert.rejects(kvs.transact().set('a', 1, undefined, policy).execute(), refusedWith('INVALID_REQUEST')),
  );
});

test('a batch does what it can, and says what it could not', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    const set = await kvs.batchSet<unknown>([
      { key: 'a', value: 1 },
      { key: 'b/c', value: 2 },
      { key: 'e', value: named('Davis', 30), entityName: 'employee' },
      { key: 'f', value: { age: 'old' }, entityName: 'employee' },
    ]);
    assert.deepEqual(set.successfulKeys, [{ key: 'a' }, { key: 'e', entityName: 'employee' }]);
    assert.deepEqual(
      set.failedKeys.map(({ key, error }) => [key, error.code]),
      [
        ['b/c', 'INVALID_KEY_FORMAT'],
        ['f', 'INVALID_ENTITY'],
      ],
    );
    const got = await kvs.batchGet<unknown>([{ key: 'a' }, { key: 'nowhere' }, { key: 'e', entityName: 'employee' }]);
    assert.deepEqual(got.successfulKeys, [
      { key: 'a', value: 1 },
      { key: 'e', entityName: 'employee', value: { surname: 'Davis', age: 30 } },
    ]);
    assert.deepEqual(
      got.failedKeys.map(({ key, error }) => [key, error.code]),
      [['nowhere', 'KEY_NOT_FOUND']],
    );
    await kvs.batchDelete([{ key: 'a' }, { key: 'e', entityName: 'employee' }]);
  });
  assert.deepEqual(forge.storage(''), {});
});

test('a batch refuses to be empty, longer than 25, or to name a key twice', async () => {
  const forge = await fixtureForge();
  const keys = (count: number) => Array.from({ length: count }, (_, n) => ({ key: `k${n}` }));
  await forge.run(async () => {
    await kvs.batchGet(keys(25));
    await assert.rejects(kvs.batchGet(keys(26)), refusedWith('MAX_OPERATIONS'));
    await assert.rejects(kvs.batchGet([]), refusedWith('INVALID_REQUEST'));
    await assert.rejects(kvs.batchDelete([{ key: 'a' }, { key: 'a' }]), refusedWith('DUPLICATE_KEY'));
  });
});
