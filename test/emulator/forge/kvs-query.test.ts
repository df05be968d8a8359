import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kvs, MetadataField, WhereConditions } from '@forge/kvs';
import { fixtureForge, temporaryFolder } from './fixture/forge';
import { refusedWith } from './fixture/refusals';

const numbered = (n: number) => `n:${String(n).padStart(3, '0')}`;

async function allPages(prefix: string, limit?: number): Promise<string[][]> {
  const pages: string[][] = [];
  for (let cursor: string | undefined; ; ) {
    let query = kvs.query().where('key', WhereConditions.beginsWith(prefix));
    if (limit !== undefined) query = query.limit(limit);
    if (cursor !== undefined) query = query.cursor(cursor);
    const { results, nextCursor } = await query.getMany();
    pages.push(results.map(({ key }) => key));
    if (nextCursor === undefined) return pages;
    cursor = nextCursor;
  }
}

test('gives the keys of a prefix in order, 10 a page, each once', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    for (let n = 24; n >= 0; n -= 1) await kvs.set(numbered(n), n);
    await kvs.set('m', 0);
    await kvs.set('n', 0);
    await kvs.set('o', 0);
    const pages = await allPages('n:');
    assert.deepEqual(
      pages.map(({ length }) => length),
      [10, 10, 5],
    );
    assert.deepEqual(
      pages.flat(),
      Array.from({ length: 25 }, (_, n) => numbered(n)),
    );
    assert.equal((await allPages('')).flat().length, 28);
  });
});

test('gives at most 20 a page, and no cursor with the last', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    for (let n = 0; n < 40; n += 1) await kvs.set(numbered(n), n);
    assert.deepEqual(
      (await allPages('n:', 20)).map(({ length }) => length),
      [20, 20],
    );
    await assert.rejects(kvs.query().limit(21).getMany(), refusedWith('INVALID_REQUEST'));
  });
});

test('goes on behind the cursor when keys were added and removed meanwhile', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    for (let n = 0; n < 10; n += 1) await kvs.set(numbered(n), n);
    const first = await kvs.query().limit(5).getMany();
    await kvs.delete(numbered(4));
    await kvs.delete(numbered(5));
    await kvs.set(`${numbered(6)}a`, 0);
    const second = await kvs
      .query()
      .limit(20)
      .cursor(first.nextCursor ?? '')
      .getMany();
    assert.deepEqual(
      second.results.map(({ key }) => key),
      [numbered(6), `${numbered(6)}a`, numbered(7), numbered(8), numbered(9)],
    );
  });
});

test('refuses a cursor that is made up, or that was stored before a restart', async () => {
  const directory = await temporaryFolder();
  const before = await fixtureForge({ directory });
  const cursor = await before.run(async () => {
    for (let n = 0; n < 11; n += 1) await kvs.set(numbered(n), n);
    return (await kvs.query().getMany()).nextCursor ?? '';
  });
  assert.notEqual(cursor, '');
  await before.close();
  const forge = await fixtureForge({ directory });
  await forge.run(async () => {
    await assert.rejects(kvs.query().cursor(cursor).getMany(), refusedWith('CURSOR_INVALID'));
    await assert.rejects(kvs.query().cursor('made up').getMany(), refusedWith('CURSOR_INVALID'));
  });
});

test('gives metadata when asked to', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    await kvs.set('a', 1, { ttl: { value: 1, unit: 'HOURS' } });
    const [plain] = (await kvs.query().getMany()).results;
    assert.deepEqual(plain, { key: 'a', value: 1 });
    const [told] = (await kvs.query({ metadataFields: [MetadataField.EXPIRE_TIME] }).getMany()).results;
    assert.equal(told?.expireTime, '2026-11-20T13:00:00.000Z');
  });
});

test('gives the first of a query by getOne', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    assert.equal(await kvs.query().getOne(), undefined);
    await kvs.set('b', 2);
    await kvs.set('a', 1);
    assert.deepEqual(await kvs.query().getOne(), { key: 'a', value: 1 });
  });
});
