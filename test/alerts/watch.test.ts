import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { credentialSettings } from '../../src/domain/credential';
import { alertWorld, start } from '../support/alert-world';

const titles = (world: ReturnType<typeof alertWorld>) =>
  world.sent.map(({ began, ended }) => [
    ...began.map(({ title }) => title),
    ...ended.map(({ kind, subject }) => `over: ${kind} ${subject}`),
  ]);

test('without an enabled rule it reads one thing, and writes nothing', async () => {
  const world = alertWorld();
  world.addRule({}, { enabled: false });
  world.fail(world.addConnection().id, start - 3_600_000);
  assert.deepEqual(await world.run(), ['alerts.list']);
  assert.equal(world.writes, 0);
});

test('while nothing is wrong it writes nothing', async () => {
  const world = alertWorld();
  world.addRule();
  world.addConnection();
  for (let run = 0; run < 3; run += 1) {
    await world.run();
    world.advance(5);
  }
  assert.equal(world.writes, 0);
  assert.deepEqual(world.sent, []);
});

test('tells of a connection once it has failed for the minutes of the rule, and once when it is over', async () => {
  const world = alertWorld();
  world.addRule({ failingMinutes: 15 });
  const { id } = world.addConnection('Support');
  world.fail(id);
  for (let minutes = 0; minutes < 60; minutes += 5) {
    await world.run();
    assert.equal(world.sent.length, minutes < 15 ? 0 : 1, `after ${minutes} minutes`);
    world.advance(5);
  }
  world.recover(id);
  for (let minutes = 0; minutes < 60; minutes += 5) {
    await world.run();
    assert.equal(world.sent.length, minutes < 15 ? 1 : 2, `${minutes} minutes after it recovered`);
    world.advance(5);
  }
  assert.deepEqual(titles(world), [['“Support” cannot be polled'], ['over: failing Support']]);
  assert.equal(world.writes, 5, 'two a message, and one when the calm began');
});

test('a connection that comes and goes is one incident', async () => {
  const world = alertWorld();
  world.addRule({ failingMinutes: 5 });
  const { id } = world.addConnection();
  for (let round = 0; round < 20; round += 1) {
    if (round % 2 === 0) world.fail(id, world.now - 600_000);
    else world.recover(id);
    await world.run();
    world.advance(5);
  }
  assert.equal(world.sent.length, 1);
});

test('a rule tells of what was wrong before it was made', async () => {
  const world = alertWorld();
  const { id } = world.addConnection();
  world.fail(id, start - 86_400_000);
  world.addRule();
  await world.run();
  assert.equal(world.sent.length, 1);
});

test('tells of everything at once in one message a rule, and each rule only what it is for', async () => {
  const world = alertWorld();
  world.addRule({ name: 'All' });
  world.addRule({ name: 'Suspended only', incidents: ['suspended'] });
  const [one, two] = [world.addConnection('One'), world.addConnection('Two')];
  world.fail(one.id, start - 3_600_000);
  world.fail(two.id, start - 3_600_000);
  const second = world.connections[1];
  assert.ok(second);
  second.state = 'suspended';
  await world.run();
  assert.deepEqual(titles(world), [['“Two” is suspended', '“One” cannot be polled'], ['“Two” is suspended']]);
});

test('a connection that is suspended after it failed is told as suspended, and over only when it is well', async () => {
  const world = alertWorld();
  world.addRule();
  world.addRule({ name: 'Failing only', incidents: ['failing'] });
  const { id } = world.addConnection('Support');
  world.fail(id, start - 3_600_000);
  await world.run();
  world.advance(5);
  const [connection] = world.connections;
  assert.ok(connection);
  connection.state = 'suspended';
  for (let run = 0; run < 5; run += 1) {
    await world.run();
    world.advance(5);
  }
  const failing = '“Support” cannot be polled';
  assert.deepEqual(titles(world), [[failing], [failing], ['“Support” is suspended']]);
  connection.state = 'enabled';
  world.recover(id);
  for (let run = 0; run < 5; run += 1) {
    await world.run();
    world.advance(5);
  }
  assert.deepEqual(titles(world).slice(3), [['over: suspended Support'], ['over: failing Support']]);
});

test('more mail in quarantine is told again, but not every five minutes, and less of it is no news', async () => {
  const world = alertWorld();
  world.addRule();
  const { id } = world.addConnection('Support');
  const cursor = world.cursors.get(id);
  assert.ok(cursor);
  for (let run = 0; run < 24; run += 1) {
    cursor.quarantined.push({ handle: `${run}`, code: 'too-large', reason: 'Too large.', at: world.now });
    await world.run();
    world.advance(5);
  }
  assert.equal(world.sent.length, 2, 'in two hours');
  cursor.quarantined.length = 3;
  for (let run = 0; run < 24; run += 1) {
    await world.run();
    world.advance(5);
  }
  assert.equal(world.sent.length, 2);
  cursor.quarantined.length = 0;
  for (let run = 0; run < 5; run += 1) {
    await world.run();
    world.advance(5);
  }
  assert.deepEqual(titles(world).at(-1), ['over: quarantined Support']);
});

test('a client secret is told of 30, 7 and 1 days before it expires and when it has, and a new one ends it', async () => {
  const world = alertWorld();
  world.addRule();
  const { settings } = world.addConnection('Support');
  const oauth = { ...settings, provider: 'google', credentialId: 'k1' };
  Object.assign(world.connections[0] ?? {}, { settings: oauth });
  const credential = {
    id: 'k1',
    version: 1,
    settings: credentialSettings.parse({
      provider: 'google',
      name: 'Console',
      clientId: 'x',
      secretExpiresOn: '2026-12-30',
    }),
    createdAt: start,
    updatedAt: start,
  };
  world.credentials.push(credential);
  const days: [string, number][] = [];
  for (let hour = 0; hour < 45 * 24; hour += 1) {
    const before = world.sent.length;
    await world.run();
    if (world.sent.length > before) {
      days.push([new Date(world.now).toISOString().slice(0, 10), world.sent.at(-1)?.began.length ?? 0]);
    }
    world.advance(60);
  }
  assert.deepEqual(days, [
    ['2026-11-30', 1],
    ['2026-12-23', 1],
    ['2026-12-29', 1],
    ['2026-12-31', 1],
  ]);
  assert.ok(
    world.sent.every(({ ended }) => ended.length === 0),
    'the end of a level is not told',
  );
  assert.match(world.sent[0]?.began[0]?.text ?? '', /Used by “Support”/);

  credential.settings = { ...credential.settings, secretExpiresOn: '2028-01-01' };
  await world.run();
  world.advance(15);
  await world.run();
  assert.deepEqual(titles(world).at(-1), ['over: expiring Console']);
});

test('a message that certainly failed is tried again with growing pauses, and says why', async () => {
  const world = alertWorld();
  const { id } = world.addRule();
  world.fail(world.addConnection().id, start - 3_600_000);
  world.sendFails = { when: 'before', error: new AppError('throttled', 'transient', 'Slack asks to slow down.') };
  const tries: number[] = [];
  for (let minutes = 0; minutes < 180; minutes += 5) {
    if ((await world.run()).includes('send')) tries.push(minutes);
    world.advance(5);
  }
  assert.deepEqual(tries, [0, 5, 15, 35, 70, 130]);
  assert.equal(world.ledgers.get(id)?.last?.message, 'Slack asks to slow down.');
  world.sendFails = null;
  for (let run = 0; run < 12; run += 1) {
    await world.run();
    world.advance(5);
  }
  assert.equal(world.sent.length, 1);
  assert.equal(world.ledgers.get(id)?.last?.outcome, 'sent');
});

test('waits as long as the other side asks, and not at all once the rule was changed', async () => {
  const world = alertWorld();
  const alert = world.addRule();
  world.fail(world.addConnection().id, start - 3_600_000);
  const retryAfterMs = 7_200_000;
  world.sendFails = { when: 'before', error: new AppError('throttled', 'transient', 'Slow down.', { retryAfterMs }) };
  await world.run();
  world.sendFails = null;
  world.advance(110);
  await world.run();
  assert.equal(world.sent.length, 0);
  world.alerts.set(alert.id, { ...alert, version: 2 });
  await world.run();
  assert.equal(world.sent.length, 1);
});

test('a message that may have arrived is not sent again, and the page says so', async () => {
  const world = alertWorld();
  const { id } = world.addRule();
  world.fail(world.addConnection().id, start - 3_600_000);
  const error = new AppError('timeout', 'transient', 'Slack did not answer.', { uncertain: true });
  world.sendFails = { when: 'after', error };
  for (let run = 0; run < 5; run += 1) {
    await world.run();
    world.advance(5);
  }
  assert.equal(world.sent.length, 1);
  assert.equal(world.ledgers.get(id)?.last?.outcome, 'unclear');
});

test('what is over before it could be told is never told', async () => {
  const world = alertWorld();
  world.addRule();
  const { id } = world.addConnection();
  world.fail(id, start - 3_600_000);
  world.sendFails = { when: 'before', error: new AppError('unreachable', 'transient', 'No way.') };
  await world.run();
  world.sendFails = null;
  world.recover(id);
  for (let run = 0; run < 12; run += 1) {
    world.advance(5);
    await world.run();
  }
  assert.deepEqual(world.sent, []);
});

test('a thousand connections that fail at once are one message, and what is kept in mind is bounded', async () => {
  const world = alertWorld();
  const { id } = world.addRule();
  for (let made = 0; made < 1_000; made += 1) world.fail(world.addConnection(`Box ${made}`).id, start - 3_600_000);
  for (let run = 0; run < 4; run += 1) {
    await world.run();
    world.advance(5);
  }
  assert.equal(world.sent.length, 1);
  assert.ok(JSON.stringify(world.ledgers.get(id)).length < 120 * 1024);
});

test('an unclear alert of Opsgenie is sent again: its alias makes twice the same as once', async () => {
  const world = alertWorld();
  world.addRule({ channel: { type: 'opsgenie', region: 'us' } });
  world.fail(world.addConnection().id, start - 3_600_000);
  const error = new AppError('timeout', 'transient', 'Opsgenie did not answer.', { uncertain: true });
  world.sendFails = { when: 'after', error };
  await world.run();
  world.sendFails = null;
  world.advance(5);
  await world.run();
  world.advance(5);
  await world.run();
  assert.equal(world.sent.length, 2);
});

test('a rule whose secret is not there is not told as delivered, and tells once it is there again', async () => {
  const world = alertWorld();
  const { id } = world.addRule();
  const secret = world.secrets.get(id);
  assert.ok(secret);
  world.secrets.delete(id);
  world.fail(world.addConnection().id, start - 3_600_000);
  await world.run();
  assert.equal(world.ledgers.get(id)?.last?.outcome, 'failed');
  world.secrets.set(id, secret);
  world.advance(5);
  await world.run();
  assert.equal(world.sent.length, 1);
});
