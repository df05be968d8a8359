import assert from 'node:assert/strict';
import { test } from 'node:test';
import { opsgenieKey, slackUrl } from '../support/alert-receivers';
import { addRule, call, minutes, receivers, suspend, watch } from './alert-host';

const heard = () => receivers.taken.map(({ body, path }) => `${path} ${JSON.stringify(body)}`);
async function watchFor(runs: number): Promise<void> {
  for (let run = 0; run < runs; run += 1) {
    await watch();
    await minutes(5);
  }
}

/** Tells of a suspended connection, is disabled for half an hour, and enabled again. */
async function silencedThrough(rule: Awaited<ReturnType<typeof addRule>>): Promise<void> {
  await suspend('Support');
  await watchFor(1);
  assert.equal(receivers.taken.length, 1);
  const { id, version } = rule;
  const off = await call('alerts.disable', { id, version });
  await watchFor(6);
  assert.equal(receivers.taken.length, 1, 'a disabled rule says nothing');
  await call('alerts.enable', { id, version: off.version });
  receivers.taken.length = 0;
}

test('a rule that is enabled again tells what is wrong now, once, as a new one does', async () => {
  const rule = await addRule('Chat', { type: 'slack' }, { url: slackUrl });
  await silencedThrough(rule);
  await watchFor(6);
  assert.equal(receivers.taken.length, 1);
  assert.match(heard()[0] ?? '', /“Support” is suspended/);
});

test('a rule that is enabled while it is enabled tells nothing again', async () => {
  const { id, version } = await addRule('Chat', { type: 'slack' }, { url: slackUrl });
  await suspend('Support');
  await watchFor(1);
  await call('alerts.enable', { id, version });
  await watchFor(3);
  assert.equal(receivers.taken.length, 1);
});

test('an alert that Opsgenie has open goes on there, and is closed though it ended while the rule was disabled', async () => {
  const rule = await addRule('Duty', { type: 'opsgenie', region: 'us' }, { apiKey: opsgenieKey });
  await silencedThrough(rule);
  await watchFor(3);
  assert.deepEqual(heard(), []);
  const [connection] = await call('connections.list', {});
  assert.ok(connection);
  await call('connections.disable', { id: connection.id, version: connection.version });
  await watchFor(6);
  assert.deepEqual(
    [...receivers.opsgenie.values()].map(({ open }) => open),
    [false],
  );
});
