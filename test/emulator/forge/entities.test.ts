import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Filter, FilterConditions, kvs, Sort, WhereConditions } from '@forge/kvs';
import { fixtureForge } from './fixture/forge';
import { manifestWith } from './fixture/manifest';
import { refusedWith } from './fixture/refusals';

interface Employee {
  surname?: string;
  age?: number;
  salary?: number;
  active?: boolean;
  notes?: unknown;
}
const employees = () => kvs.entity<Employee>('employee');

async function forgeWith(people: Record<string, Employee>) {
  const forge = await fixtureForge();
  await forge.run(async () => {
    for (const [key, person] of Object.entries(people)) await employees().set(key, person);
  });
  return forge;
}
const keys = ({ results }: { results: { key: string }[] }) => results.map(({ key }) => key);

test('keeps entities by key, apart from plain values', async () => {
  const forge = await forgeWith({ e: { surname: 'Davis' } });
  await forge.run(async () => {
    assert.deepEqual(await employees().get('e'), { surname: 'Davis' });
    assert.equal(await kvs.get('e'), undefined);
    await assert.rejects(employees().set('e', {}, { keyPolicy: 'FAIL_IF_EXISTS' }), refusedWith('KEY_CONFLICT', 409));
    await employees().delete('e');
    assert.equal(await employees().get('e'), undefined);
  });
});

test('refuses an entity that the manifest does not declare', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    const unknown = kvs.entity<Employee>('unknown');
    await assert.rejects(unknown.set('e', {}), refusedWith('ENTITY_NOT_FOUND'));
    await assert.rejects(unknown.get('e'), refusedWith('ENTITY_NOT_FOUND'));
    await assert.rejects(unknown.delete('e'), refusedWith('ENTITY_NOT_FOUND'));
    await assert.rejects(unknown.query().index('by-key').getMany(), refusedWith('ENTITY_NOT_FOUND'));
  });
});

test('holds attributes against their types', async () => {
  const forge = await fixtureForge();
  const fitting: Employee[] = [
    { surname: 'D' },
    { age: 2_147_483_647 },
    { age: -2_147_483_648 },
    { salary: 1_795_159_554_320 },
    { salary: 0.5 },
    { active: false },
    { notes: { any: ['thing'] } },
  ];
  const unfitting: object[] = [
    { surname: '' },
    { surname: ' ' },
    { surname: 1 },
    { surname: null },
    { age: 1.5 },
    // Milliseconds since 1970 do not fit into an integer of 32 bits.
    { age: 1_795_159_554_320 },
    { age: '1' },
    { salary: '1' },
    { active: 'yes' },
    { notes: null },
    { unknown: 1 },
    ['list'],
  ];
  await forge.run(async () => {
    for (const value of fitting) await employees().set('e', value);
    for (const value of unfitting) {
      await assert.rejects(employees().set('e', value), refusedWith('INVALID_ENTITY'), JSON.stringify(value));
    }
  });
});

test('refuses indexed values that are too long for an index', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    await employees().set('e', { surname: 'x'.repeat(900) });
    await assert.rejects(employees().set('e', { surname: 'x'.repeat(901) }), refusedWith('INVALID_ENTITY'));
  });
});

test('sorts by the range of the index, both ways, and leaves out what lacks it', async () => {
  const forge = await forgeWith({
    a: { age: 30 },
    b: { age: 4 },
    c: { age: -1 },
    d: { surname: 'Ageless' },
    e: { age: 30 },
  });
  await forge.run(async () => {
    assert.deepEqual(keys(await employees().query().index('by-age').getMany()), ['c', 'b', 'a', 'e']);
    assert.deepEqual(keys(await employees().query().index('by-age').sort(Sort.DESC).getMany()), ['e', 'a', 'b', 'c']);
    assert.deepEqual(keys(await employees().query().index('surname').getMany()), ['d']);
    assert.deepEqual(keys(await employees().query().index('by-key').getMany()), ['a', 'b', 'c', 'd', 'e']);
  });
});

test('narrows the range', async () => {
  const forge = await forgeWith({
    a: { age: 1 },
    b: { age: 2 },
    c: { age: 3 },
    d: { surname: 'Davis' },
    e: { surname: 'Dodd' },
  });
  await forge.run(async () => {
    const ages = (where: Parameters<ReturnType<typeof byAge>['where']>[0]) => byAge().where(where).getMany();
    assert.deepEqual(keys(await ages(WhereConditions.greaterThan(1))), ['b', 'c']);
    assert.deepEqual(keys(await ages(WhereConditions.greaterThanEqualTo(2))), ['b', 'c']);
    assert.deepEqual(keys(await ages(WhereConditions.lessThan(2))), ['a']);
    assert.deepEqual(keys(await ages(WhereConditions.lessThanEqualTo(2))), ['a', 'b']);
    assert.deepEqual(keys(await ages(WhereConditions.between(2, 3))), ['b', 'c']);
    assert.deepEqual(keys(await ages(WhereConditions.equalTo(2))), ['b']);
    const da = employees().query().index('surname').where(WhereConditions.beginsWith('Da'));
    assert.deepEqual(keys(await da.getMany()), ['d']);
    await assert.rejects(ages(WhereConditions.beginsWith('1')), refusedWith('INVALID_CONDITION', 422));
    await assert.rejects(ages(WhereConditions.greaterThan('1')), refusedWith('INVALID_CONDITION', 422));
  });
  function byAge() {
    return employees().query().index('by-age');
  }
});

test('wants the partition of an index whole and of its type', async () => {
  const forge = await forgeWith({
    a: { active: true, age: 2 },
    b: { active: false, age: 1 },
    c: { active: true, age: 1 },
  });
  await forge.run(async () => {
    const of = (...partition: unknown[]) => employees().query().index('by-state-and-age', { partition }).getMany();
    assert.deepEqual(keys(await of(true)), ['c', 'a']);
    assert.deepEqual(keys(await of(false)), ['b']);
    await assert.rejects(of(), refusedWith('INVALID_PARTITION'));
    await assert.rejects(of(true, 1), refusedWith('INVALID_PARTITION'));
    await assert.rejects(of('true'), refusedWith('INVALID_PARTITION'));
  });
});

test('refuses an index that the manifest does not declare', async () => {
  const forge = await fixtureForge();
  await forge.run(() =>
    assert.rejects(employees().query().index('by-salary').getMany(), refusedWith('INDEX_NOT_FOUND')),
  );
});

test('filters a page after it is cut, so that one may come back empty with a cursor', async () => {
  const people = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`e${n + 100}`, { age: n, active: n >= 20 }]));
  const forge = await forgeWith(people);
  await forge.run(async () => {
    const query = () =>
      employees()
        .query()
        .index('by-age')
        .filters(new Filter<Employee>().and('active', FilterConditions.equalTo(true)));
    const first = await query().getMany();
    assert.deepEqual([first.results.length, typeof first.nextCursor], [0, 'string']);
    const second = await query()
      .cursor(first.nextCursor ?? '')
      .getMany();
    assert.equal(second.results.length, 0);
    const third = await query()
      .cursor(second.nextCursor ?? '')
      .getMany();
    assert.deepEqual([third.results.length, third.nextCursor], [5, undefined]);
  });
});

test('combines filters with and, or with or', async () => {
  const forge = await forgeWith({ a: { surname: 'Davis', age: 1 }, b: { surname: 'Dodd', age: 2 }, c: { age: 3 } });
  await forge.run(async () => {
    const all = (filter: Parameters<ReturnType<typeof index>['filters']>[0]) => index().filters(filter).getMany();
    const { beginsWith, contains, exists, greaterThan, notExists, notContains, notEqualTo } = FilterConditions;
    const filter = () => new Filter<Employee>();
    assert.deepEqual(keys(await all(filter().and('surname', beginsWith('D')).and('age', greaterThan(1)))), ['b']);
    assert.deepEqual(keys(await all(filter().or('surname', beginsWith('Da')).or('age', greaterThan(2)))), ['a', 'c']);
    assert.deepEqual(keys(await all(filter().and('surname', contains('av')))), ['a']);
    assert.deepEqual(keys(await all(filter().and('surname', notContains('av')))), ['b']);
    assert.deepEqual(keys(await all(filter().and('surname', exists()))), ['a', 'b']);
    assert.deepEqual(keys(await all(filter().and('surname', notExists()))), ['c']);
    assert.deepEqual(keys(await all(filter().and('age', notEqualTo(2)))), ['a', 'c']);
    await assert.rejects(all(filter().and('notes', exists())), refusedWith('INVALID_CONDITION', 422));
  });
  function index() {
    return employees().query().index('by-key');
  }
});

test('gives 10 a page, 100 at most', async () => {
  const forge = await forgeWith(Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`e${n + 100}`, { age: n }])));
  await forge.run(async () => {
    const query = () => employees().query().index('by-age');
    assert.equal((await query().getMany()).results.length, 10);
    const whole = await query().limit(100).getMany();
    assert.equal(whole.results.length, 100);
    assert.deepEqual(
      keys(
        await query()
          .limit(100)
          .cursor(whole.nextCursor ?? '')
          .getMany(),
      ),
      ['e200'],
    );
    await assert.rejects(query().limit(101).getMany(), refusedWith('INVALID_REQUEST'));
  });
});

test('will not start with an index on an attribute that is untyped or unknown', async () => {
  const manifest = await manifestWith(
    '              - age\n          - name: by-state',
    '              - notes\n          - name: by-state',
  );
  await assert.rejects(fixtureForge({ manifest }), /by-age.*notes/);
});
