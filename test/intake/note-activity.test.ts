import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActivityEntry } from '../../src/domain/activity';
import { graceMs } from '../../src/domain/limits';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { type Note, noteActivity } from '../../src/intake/note-activity';
import { activityEntry } from '../support/activity-entry';
import { createWorld } from '../support/world';

const entry = (id: string, result: ActivityEntry['result'], change: Partial<ActivityEntry> = {}) =>
  activityEntry({ id, handle: `handle of ${id}`, result, at: now, ...change });
const fresh = (id: string, result: ActivityEntry['result']): Note => ({ entry: entry(id, result), isKnown: false });
const known = (id: string, result: ActivityEntry['result'], at = now): Note => ({
  entry: entry(id, result, { at }),
  isKnown: true,
});
const { now: clock } = createWorld([]).ports();
const now = clock();

/** What is noted over a log that holds these entries, what the log holds then, and what was written to it. */
async function noted(
  before: readonly ActivityEntry[],
  notes: readonly Note[],
  gone: readonly string[] = [],
  replaced: readonly string[] = [],
  change: (ports: IntakePorts) => Partial<IntakePorts['activity']> = () => ({}),
) {
  const world = createWorld([]);
  for (const one of before) world.activity.set(one.id, one);
  const logged: string[] = [];
  const calls: string[] = [];
  const step = (name: string, when: string) => void (when === 'before' && calls.push(name));
  const ports: IntakePorts = { ...world.ports({ step }), log: (_, event) => void logged.push(event) };
  const activity = { ...ports.activity, ...change(ports) };
  const result = await noteActivity({ ...ports, activity }, notes, gone, replaced);
  const log = [...world.activity.values()].map(({ id, result: what }) => [id, what]);
  return { ...result, world, log, logged, calls };
}

test('asks the log nothing, and writes once, where all of it happened in this run', async () => {
  const { results, log, calls } = await noted([], [fresh('a', 'created'), fresh('b', 'quarantined')]);
  assert.deepEqual(calls, ['activity.record']);
  assert.deepEqual(
    [log, results],
    [
      [
        ['a', 'created'],
        ['b', 'quarantined'],
      ],
      { created: 1, quarantined: 1 },
    ],
  );
});

test('leaves dismissed what was given up before and is met again, and says so', async () => {
  const met = await noted([entry('a', 'dismissed')], [known('a', 'quarantined')]);
  assert.deepEqual([[...met.dismissed], met.log, met.calls], [['a'], [['a', 'dismissed']], ['activity.getMany']]);
  const made = await noted([entry('a', 'dismissed')], [known('a', 'created')]);
  assert.deepEqual(made.log, [['a', 'created']]);
  const again = await noted([entry('a', 'dismissed')], [fresh('a', 'quarantined')]);
  assert.deepEqual([[...again.dismissed], again.log], [[], [['a', 'quarantined']]]);
});

test('writes again of an earlier run only what the log does not say yet, and counts it only if that was not long ago', async () => {
  const before = [entry('said', 'created'), entry('tried', 'failed')];
  const notes = [
    known('said', 'created'),
    known('tried', 'created'),
    known('missed', 'created', now - 2 * graceMs + 1),
    known('old', 'created', now - 2 * graceMs),
  ];
  const { results, world, calls } = await noted(before, notes);
  assert.deepEqual(results, { created: 2 });
  assert.deepEqual(calls, ['activity.getMany', 'activity.record']);
  assert.deepEqual(new Set([...world.activity.values()].map(({ result }) => result)), new Set(['created']));
  assert.equal(world.activity.size, 4);
});

test('notes byte-identical copies once, as what happened in this run', async () => {
  for (const notes of [
    [fresh('a', 'created'), known('a', 'quarantined')],
    [known('a', 'quarantined'), fresh('a', 'created')],
  ]) {
    const { log, results } = await noted([], notes);
    assert.deepEqual([log, results], [[['a', 'created']], { created: 1 }]);
  }
});

test('says of mail that left the mailbox what it was before, unless it was done with it, or has it under another name', async () => {
  const done = (['created', 'skipped', 'gone'] as const).map((result) => entry(result, result, { at: 1 }));
  const before = [
    ...done,
    entry('tried', 'failed', { at: 1, reason: 'Refused.' }),
    entry('silent', 'failed', { at: 1 }),
  ];
  const ids = [...before.map(({ id }) => id), 'forgotten'];
  const { world, log, results } = await noted(before, [], ids);
  assert.deepEqual(
    log.map(([, result]) => result),
    ['created', 'skipped', 'gone', 'gone', 'gone'],
  );
  assert.deepEqual(results, { gone: 2 });
  for (const { id } of done) assert.equal(world.activity.get(id)?.at, 1);
  const tried = world.activity.get('tried');
  assert.deepEqual([tried?.at, tried?.code], [now, 'mail-gone']);
  assert.match(tried?.reason ?? '', /moved or deleted it\. Before that: Refused\.$/);
  assert.match(world.activity.get('silent')?.reason ?? '', /Before that:$/);
  assert.deepEqual((await noted(before, [fresh('tried', 'created')], ['tried'])).results, { created: 1 });
});

test('removes what messages were noted as before, but for what is written now', async () => {
  const { log } = await noted([entry('old', 'failed')], [fresh('a', 'created')], [], ['old', 'a']);
  assert.deepEqual(log, [['a', 'created']]);
});

test('names what was given up where nobody can see it when the log fails, and counts the rest', async () => {
  const failing = () => Promise.reject(new Error('down'));
  for (const change of [{ record: failing }, { getMany: failing }]) {
    const notes = [
      fresh('a', 'created'),
      fresh('b', 'quarantined'),
      known('c', 'quarantined'),
      known('d', 'created', 1),
    ];
    const { missed, results, logged } = await noted([], notes, [], [], () => change);
    assert.deepEqual([[...missed], results], [['handle of b', 'handle of c'], { created: 1 }]);
    assert.deepEqual(logged, ['activity-not-noted']);
  }
});
