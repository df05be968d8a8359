import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kvs, MetadataField } from '@forge/kvs';
import { fixtureForge, stillClock } from './fixture/forge';
import { refusedWith } from './fixture/refusals';

const nested = (levels: number): unknown => (levels === 0 ? 1 : { in: nested(levels - 1) });

test('gives back what was set, and nothing once it is deleted', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    assert.equal(await kvs.get('a'), undefined);
    await kvs.set('a', { list: [1, 'two', true, null] });
    assert.deepEqual(await kvs.get('a'), { list: [1, 'two', true, null] });
    await kvs.delete('a');
    assert.equal(await kvs.get('a'), undefined);
    await kvs.delete('a');
  });
});

test('keeps secrets apart from values, and masks them from the outside', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    await kvs.setSecret('a', 'hidden');
    assert.equal(await kvs.get('a'), undefined);
    assert.equal(await kvs.getSecret('a'), 'hidden');
    assert.deepEqual((await kvs.query().getMany()).results, []);
  });
  assert.deepEqual(forge.storage(''), { a: '***' });
  await forge.run(() => kvs.deleteSecret('a'));
  assert.deepEqual(forge.storage(''), {});
});

test('takes keys of 500 allowed characters and refuses others', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    await kvs.set('a'.repeat(500), 1);
    await kvs.set('Az09:._ -#', 1);
    await assert.rejects(kvs.set('a'.repeat(501), 1), refusedWith('KEY_TOO_LONG'));
    await assert.rejects(kvs.set('', 1), refusedWith('KEY_TOO_SHORT'));
    for (const key of ['a/b', 'a@b', 'ä', ' '])
      await assert.rejects(kvs.set(key, 1), refusedWith('INVALID_KEY_FORMAT'), key);
    await assert.rejects(kvs.get('a/b'), refusedWith('INVALID_KEY_FORMAT'));
  });
});

test('takes values of 240 KiB and 31 levels and refuses larger and deeper ones', async () => {
  const forge = await fixtureForge();
  const quotes = 2;
  await forge.run(async () => {
    await kvs.set('a', 'x'.repeat(240 * 1024 - quotes));
    await assert.rejects(kvs.set('a', 'x'.repeat(240 * 1024 - quotes + 1)), refusedWith('MAX_SIZE'));
    await kvs.set('a', nested(31));
    await assert.rejects(kvs.set('a', nested(32)), refusedWith('MAX_DEPTH'));
    await assert.rejects(kvs.set('a', undefined), refusedWith('INVALID_REQUEST'));
    await assert.rejects(kvs.set('a', null), refusedWith('INVALID_VALUE'));
    await kvs.setSecret('a', 'x'.repeat(128 * 1024 - quotes));
    await assert.rejects(kvs.setSecret('a', 'x'.repeat(128 * 1024 - quotes + 1)), refusedWith('MAX_SIZE'));
  });
});

test('lets exactly one of many writers win a key that must not exist', async () => {
  const forge = await fixtureForge();
  const outcomes = await forge.run(() =>
    Promise.allSettled(Array.from({ length: 10 }, (_, n) => kvs.set('claim', n, { keyPolicy: 'FAIL_IF_EXISTS' }))),
  );
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', ...Array<string>(9).fill('rejected')]);
  await forge.run(async () => {
    await assert.rejects(kvs.set('claim', 1, { keyPolicy: 'FAIL_IF_EXISTS' }), refusedWith('KEY_CONFLICT', 409));
    await kvs.delete('claim');
    await kvs.set('claim', 2, { keyPolicy: 'FAIL_IF_EXISTS' });
    await kvs.set('claim', 3, { keyPolicy: 'OVERRIDE' });
  });
  assert.deepEqual(forge.storage(''), { claim: 3 });
});

test('tells the previous or the latest value when asked to', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    assert.equal(await kvs.set('a', 1, { keyPolicy: 'OVERRIDE', returnValue: 'PREVIOUS' }), undefined);
    assert.deepEqual(await kvs.set('a', 2, { keyPolicy: 'OVERRIDE', returnValue: 'PREVIOUS' }), { key: 'a', value: 1 });
    assert.deepEqual(await kvs.set('a', 3, { keyPolicy: 'OVERRIDE', returnValue: 'LATEST' }), { key: 'a', value: 3 });
  });
});

test('tells metadata only when asked to, by the emulator’s clock', async () => {
  const clock = stillClock(1_000_000);
  const forge = await fixtureForge({ clock });
  await forge.run(async () => {
    await kvs.set('a', 1);
    clock.advance(5_500);
    await kvs.set('a', 2, { ttl: { value: 1, unit: 'MINUTES' } });
    assert.deepEqual(await kvs.get('a', { metadataFields: [] }), { key: 'a', value: 2 });
    const all = [MetadataField.CREATED_AT, MetadataField.UPDATED_AT, MetadataField.EXPIRE_TIME];
    assert.deepEqual(await kvs.get('a', { metadataFields: all }), {
      key: 'a',
      value: 2,
      createdAt: 1_000_000,
      updatedAt: 1_005_500,
      expireTime: new Date(1_066_000).toISOString(),
    });
  });
});

test('forgets a value when its time is over, and not before', async () => {
  const clock = stillClock();
  const forge = await fixtureForge({ clock });
  await forge.run(async () => {
    await kvs.set('a', 1, { ttl: { value: 10, unit: 'SECONDS' } });
    clock.advance(9_000);
    assert.equal(await kvs.get('a'), 1);
    clock.advance(1_000);
    assert.equal(await kvs.get('a'), undefined);
    assert.deepEqual((await kvs.query().getMany()).results, []);
    await kvs.set('a', 2, { keyPolicy: 'FAIL_IF_EXISTS' });
    await kvs.set('b', 1, { ttl: { value: 365, unit: 'DAYS' } });
    await assert.rejects(kvs.set('b', 1, { ttl: { value: 366, unit: 'DAYS' } }), refusedWith('INVALID_TTL'));
  });
});

test('can be told to remove late, as the platform may', async () => {
  const clock = stillClock();
  const forge = await fixtureForge({ clock, removalLagMs: 60_000 });
  await forge.run(async () => {
    await kvs.set('lock', 1, { ttl: { value: 10, unit: 'SECONDS' } });
    clock.advance(69_000);
    await assert.rejects(kvs.set('lock', 2, { keyPolicy: 'FAIL_IF_EXISTS' }), refusedWith('KEY_CONFLICT', 409));
    clock.advance(1_000);
    await kvs.set('lock', 2, { keyPolicy: 'FAIL_IF_EXISTS' });
  });
});

test('holds a copy: changing the object afterwards changes nothing', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    const value = { list: [1] };
    await kvs.set('a', value);
    value.list.push(2);
    const read = await kvs.get<{ list: number[] }>('a');
    read?.list.push(3);
    assert.deepEqual(await kvs.get('a'), { list: [1] });
  });
});

test('needs the scope storage:app', async () => {
  const { manifestWithout } = await import('./fixture/manifest');
  const forge = await fixtureForge({ manifest: await manifestWithout('storage:app') });
  await assert.rejects(
    forge.run(() => kvs.get('a')),
    refusedWith('MISSING_SCOPE', 403),
  );
});

test('is not there outside an invocation', async () => {
  await assert.rejects(kvs.get('a'), /No invocation is running/);
});
