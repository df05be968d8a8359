import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentialSettings } from '../../src/domain/credential';
import { correctedCode } from '../../src/domain/cursor';
import { type Circumstances, incidentsOf, pageOf } from '../../src/domain/incident';
import { type OutgoingConnection, outgoingSettings } from '../../src/domain/outgoing';
import { alertWorld, start } from '../support/alert-world';

const sender = (change: Partial<OutgoingConnection> = {}): OutgoingConnection => ({
  id: 'o1',
  version: 1,
  enabled: true,
  settings: outgoingSettings.parse({
    provider: 'google',
    name: 'Sender',
    fromAddress: 'a@example.com',
    credentialId: 'k1',
  }),
  debugUntil: 0,
  createdAt: start,
  updatedAt: start,
  ...change,
});
const trouble = { code: 'unreachable', message: 'The server does not answer.', since: start };
const credential = (secretExpiresOn: string) => ({
  id: 'k1',
  version: 1,
  settings: credentialSettings.parse({ provider: 'google', name: 'Console', clientId: 'x', secretExpiresOn }),
  createdAt: start,
  updatedAt: start,
});
const nothing: Circumstances = {
  connections: [],
  cursors: new Map(),
  credentials: [],
  outgoing: [],
  troubles: new Map(),
  now: start,
};
const kinds = (circumstances: Partial<Circumstances>) =>
  incidentsOf({ ...nothing, ...circumstances }).map(({ kind, subject }) => `${kind} ${subject}`);

test('what is wrong is listed worst first, then by age', () => {
  const world = alertWorld();
  const [one, two, three] = ['One', 'Two', 'Three'].map((name) => world.addConnection(name));
  world.fail(one?.id ?? '', start - 1_000);
  world.fail(two?.id ?? '', start - 2_000);
  world.fail(three?.id ?? '', start);
  const suspended = world.connections[2];
  assert.ok(suspended);
  suspended.state = 'suspended';
  const cursor = world.cursors.get('c1');
  cursor?.quarantined.push({ handle: '1', code: 'too-large', reason: 'Too large.', at: start });
  const troubles = new Map([['o1', trouble]]);
  assert.deepEqual(kinds({ ...world, troubles, outgoing: [sender()], credentials: [credential('2026-11-25')] }), [
    'suspended Three',
    'outgoing-failing Sender',
    'failing Two',
    'failing One',
    'expiring Console',
    'quarantined One',
  ]);
});

test('what an administrator has disabled is not wrong, and a secret that nothing uses may expire', () => {
  const world = alertWorld();
  world.fail(world.addConnection().id);
  const [connection] = world.connections;
  assert.ok(connection);
  connection.state = 'disabled';
  const troubles = new Map([['o1', trouble]]);
  assert.deepEqual(kinds({ ...world, troubles, outgoing: [sender({ enabled: false })] }), []);
  assert.deepEqual(kinds({ credentials: [credential('2026-11-21')] }), []);
  assert.deepEqual(kinds({ credentials: [credential('2026-11-21')], outgoing: [sender()] }), ['expiring Console']);
  assert.deepEqual(kinds({ credentials: [credential('2026-12-25')], outgoing: [sender()] }), []);
});

test('access that is refused is told of once it suspends, and not while it is tried again', () => {
  const world = alertWorld();
  const { id } = world.addConnection('Support');
  world.fail(id, start);
  const [connection] = world.connections;
  const trouble = world.cursors.get(id)?.trouble;
  assert.ok(connection && trouble);
  Object.assign(trouble, { kind: 'access', refused: { since: start, tries: 2, reached: false } });
  assert.deepEqual(kinds({ ...world, troubles: new Map() }), []);
  trouble.kind = 'transient';
  assert.deepEqual(kinds({ ...world, troubles: new Map() }), ['failing Support'], 'the server is down since');
  trouble.kind = 'access';
  connection.state = 'suspended';
  assert.deepEqual(kinds({ ...world, troubles: new Map() }), ['suspended Support']);
});

test('a connection that a save disabled is told of with the reason', () => {
  const world = alertWorld();
  const { id } = world.addConnection('Support');
  world.fail(id, start);
  const [connection] = world.connections;
  const trouble = world.cursors.get(id)?.trouble;
  assert.ok(connection && trouble);
  connection.state = 'disabled';
  trouble.stopped = true;
  const [incident] = incidentsOf({ ...nothing, ...world, troubles: new Map() });
  assert.deepEqual([incident?.kind, incident?.title], ['suspended', '“Support” was disabled by a change']);
  assert.ok(incident?.text.startsWith(trouble.message));
  assert.ok(incident?.text.includes('the test of them failed'));
  Object.assign(trouble, { code: correctedCode, message: 'It works. Enable it.' });
  const [corrected] = incidentsOf({ ...nothing, ...world, troubles: new Map() });
  assert.equal(corrected?.title, incident?.title, 'it is no other incident, and not over');
  assert.equal(corrected?.text, 'It works. Enable it. Its mail waits in the mailbox meanwhile.');
});

test('mail that an error holds back is wrong, and mail that waits for its turn is not', () => {
  const world = alertWorld();
  const { id } = world.addConnection('Support');
  const cursor = world.cursors.get(id);
  assert.ok(cursor);
  const one = { handle: '1', size: null, attempts: 0, retryAt: 0 };
  cursor.waiting.push({ ...one, reason: 'budget' });
  assert.deepEqual(kinds({ ...world, troubles: new Map() }), []);
  cursor.waiting.push({ ...one, handle: '2', reason: 'claimed', message: 'Jira answered 503.', since: start });
  const [incident] = incidentsOf({ ...nothing, ...world, troubles: new Map() });
  assert.deepEqual([incident?.kind, incident?.since], ['waiting', start]);
  assert.match(incident?.text ?? '', /^Jira answered 503\./);
  world.fail(id, start);
  assert.deepEqual(kinds({ ...world, troubles: new Map() }), ['failing Support'], 'all of it waits then');
});

test('each incident has its own page', () => {
  const pages = [
    'connection:c1',
    'quarantine:c1',
    'sign-in:c1:5',
    'outgoing:o1',
    'outgoing-sign-in:o1:5',
    'secret:k1:2026-12-01',
  ];
  assert.deepEqual(
    pages.map((topic) => pageOf({ topic })),
    [
      '/incoming/connections/c1',
      '/incoming/activity/c1/quarantined',
      '/incoming/connections/c1',
      '/outgoing/connections',
      '/outgoing/connections/o1',
      '/settings/credentials/k1',
    ],
  );
  const [own] = incidentsOf({ ...nothing, outgoing: [sender({ accessEndsAt: start })] });
  assert.equal(own && pageOf(own), '/outgoing/connections/o1');
});

test('the sign-in of an outgoing connection ends in the same way, and a disabled one has none', () => {
  const at = (days: number, change: Partial<OutgoingConnection> = {}) =>
    incidentsOf({ ...nothing, outgoing: [sender({ accessEndsAt: start + days * 86_400_000, ...change })] });
  assert.deepEqual(
    [31, 30, 7, 1, -1].map((days) => at(days).map(({ rank, title }) => `${rank} ${title}`)),
    [
      [],
      ['0 The sign-in of “Sender” ends soon'],
      ['1 The sign-in of “Sender” ends soon'],
      ['2 The sign-in of “Sender” ends soon'],
      ['3 The sign-in of “Sender” has ended'],
    ],
  );
  assert.deepEqual(at(1, { enabled: false }), []);
});

test('a sign-in that ends is told as it comes nearer, and another one begins anew', () => {
  const world = alertWorld();
  world.addConnection('Support');
  const [connection] = world.connections;
  assert.ok(connection);
  const oauth = { ...connection.settings, provider: 'google', credentialId: 'k1' } as typeof connection.settings;
  const at = (days: number, now = start) =>
    incidentsOf({
      ...nothing,
      connections: [{ ...connection, settings: oauth, accessEndsAt: start + days * 86_400_000 }],
      now,
    }).map(({ topic, rank }) => `${topic} ${rank}`);
  assert.deepEqual(at(40), []);
  const ranks = [20, 5, 1].map((days) => at(days)[0]?.split(' ')[1]);
  assert.deepEqual(ranks, ['0', '1', '2']);
  assert.deepEqual(at(1, start + 2 * 86_400_000)[0]?.split(' ')[1], '3');
  assert.notEqual(at(20)[0]?.split(' ')[0], at(21)[0]?.split(' ')[0]);
});
