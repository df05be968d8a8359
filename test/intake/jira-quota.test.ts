import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentsOf } from '../../src/domain/incident';
import { jiraQuotaCode, jiraQuotaSpent } from '../../src/domain/jira-quota';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { pollConnection } from '../../src/intake/poll-connection';
import { connectionView } from '../../src/resolvers/connection-view';
import { createWorld, mail, type World } from '../support/world';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Jira answers nothing until the full hour; calls are counted. */
function spent(world: World, ports: IntakePorts = world.ports()) {
  const jira = { calls: 0, isSpent: true };
  const refusing = Object.fromEntries(
    Object.entries(ports.issues).map(([name, call]) => [
      name,
      async (...args: never[]) => {
        if (name === 'showsWhole') return true;
        jira.calls += 1;
        const now = ports.now();
        if (jira.isSpent) throw jiraQuotaSpent((Math.floor(now / hourMs) + 1) * hourMs, now);
        return (call as (...args: never[]) => unknown)(...args);
      },
    ]),
  ) as unknown as IntakePorts['issues'];
  return { jira, ports: { ...ports, issues: refusing } };
}

const viewOf = (world: World, now: number) => connectionView(world.connection, world.cursor(), null, [], now);

test('polls ask nothing of Jira from one refusal until the full hour, and then go on with all mail', async () => {
  const world = createWorld([mail('one'), mail('two')], { afterDownload: 'delete' });
  world.advance(10 * minuteMs);
  const { jira, ports } = spent(world);
  const start = ports.now();
  for (let minute = 10; minute < 60; minute += 1) {
    assert.equal(await pollConnection(ports, 'c1', false), 'idle');
    world.advance(minuteMs);
  }
  assert.equal(jira.calls, 1);
  assert.equal(world.jiraPausedUntil, start + 50 * minuteMs);
  jira.isSpent = false;
  await pollConnection(ports, 'c1', false);
  assert.deepEqual(
    world.issues.map(({ draft }) => draft.summary),
    ['one', 'two'],
  );
  assert.deepEqual(
    [world.cursor()?.trouble, world.cursor()?.waiting, world.mails.filter(({ gone }) => !gone)],
    [null, [], []],
  );
});

test('a quota that is spent for days gives no mail up, counts no try, suspends nobody, and raises no alert', async () => {
  const world = createWorld([mail('one'), mail('two')]);
  const { jira, ports } = spent(world);
  for (let hour = 0; hour < 72; hour += 1) {
    await pollConnection(ports, 'c1', false);
    const { connection } = world;
    const cursor = world.cursor();
    assert.ok(cursor !== null);
    assert.deepEqual(
      cursor.waiting.map(({ reason, attempts, failures }) => [reason, attempts, failures]),
      [
        ['budget', 0, undefined],
        ['budget', 0, undefined],
      ],
    );
    assert.deepEqual([connection.state, cursor.quarantined, world.activity.size], ['enabled', [], 0]);
    const { status, heldBack, trouble } = viewOf(world, ports.now());
    assert.deepEqual([status, heldBack, trouble?.failures], ['paused', 0, 0]);
    assert.match(trouble?.message ?? '', /hourly quota for apps is used up\. Polls go on at \d\d:00 UTC/);
    const cursors = new Map([['c1', cursor]]);
    const none = { credentials: [], outgoing: [], troubles: new Map(), now: ports.now() };
    assert.deepEqual(incidentsOf({ connections: [connection], cursors, ...none }), []);
    world.advance(hourMs);
  }
  assert.equal(jira.calls, 72);
  jira.isSpent = false;
  await pollConnection(ports, 'c1', false);
  assert.equal(world.issues.length, 2);
});

test('a poll of another connection knows of it from the storage: it lists, and neither downloads nor asks Jira', async () => {
  const world = createWorld([mail('one')]);
  const calls: string[] = [];
  const ports = world.ports({ step: (name) => void calls.push(name) });
  world.jiraPausedUntil = ports.now() + 30 * minuteMs;
  for (const isAsked of [false, true]) {
    await pollConnection(ports, 'c1', isAsked);
    assert.deepEqual(
      calls.filter((name) => name.startsWith('issues.') || name === 'mailbox.fetch' || name === 'jiraPause.pause'),
      [],
    );
    assert.deepEqual([world.cursor()?.trouble?.code, world.cursor()?.waiting.length], [jiraQuotaCode, 1]);
  }
  assert.ok(calls.includes('mailbox.list'));
  world.advance(30 * minuteMs);
  await pollConnection(ports, 'c1', false);
  assert.equal(world.issues.length, 1);
});

test('an idle poll does not ask whether the quota is spent', async () => {
  const world = createWorld([]);
  await pollConnection(world.ports(), 'c1', false);
  const calls: string[] = [];
  await pollConnection(world.ports({ step: (name) => void calls.push(name) }), 'c1', false);
  assert.ok(calls.includes('mailbox.list'));
  assert.deepEqual(
    calls.filter((name) => name.startsWith('jiraPause')),
    [],
  );
});

test('what was noted for longer than an hour, or cannot be read, keeps no mail waiting', async () => {
  const world = createWorld([mail('one')]);
  const ports = world.ports();
  world.jiraPausedUntil = ports.now() + 2 * hourMs;
  await pollConnection(ports, 'c1', false);
  assert.equal(world.issues.length, 1);
  world.mails.push({ uid: 2, raw: mail('two'), seen: false, gone: false });
  const jiraPause = { ...ports.jiraPause, until: () => Promise.reject(new Error('The storage is down.')) };
  await pollConnection({ ...ports, jiraPause }, 'c1', false);
  assert.equal(world.issues.length, 2);
});

test('a quota that is spent between an issue and its files makes no second issue, and the files arrive', async () => {
  const world = createWorld([mail('one', { attachments: 3 })]);
  const { jira, ports } = spent(world);
  jira.isSpent = false;
  const { create } = ports.issues;
  const issues: IntakePorts['issues'] = {
    ...ports.issues,
    create: async (draft) => {
      const key = await create(draft);
      jira.isSpent = true;
      return key;
    },
  };
  await pollConnection({ ...ports, issues }, 'c1', false);
  assert.deepEqual([world.issues.length, world.issues[0]?.attachments.length], [1, 0]);
  world.advance(hourMs);
  jira.isSpent = false;
  await pollConnection(ports, 'c1', false);
  assert.deepEqual([world.issues.length, world.issues[0]?.attachments.length], [1, 3]);
});

test('a refusal of access is counted on after the quota, and a server that was down is not', async () => {
  const world = createWorld([mail('one')]);
  const { ports } = spent(world);
  await pollConnection(ports, 'c1', false);
  const cursor = world.cursor();
  assert.ok(cursor?.trouble);
  const refused = { since: ports.now(), tries: 2, reached: false };
  await ports.cursors.put('c1', { ...cursor, trouble: { ...cursor.trouble, code: 'x', failures: 5, refused } });
  await pollConnection(ports, 'c1', true);
  const { failures, since, refused: after } = world.cursor()?.trouble ?? {};
  assert.deepEqual([failures, since, after], [0, ports.now(), refused]);
});
