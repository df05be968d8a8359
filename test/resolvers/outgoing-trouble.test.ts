import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import type { OutgoingView } from '../../src/resolvers/views';
import { outgoingTroubleStore } from '../../src/store/outgoing-troubles';
import { call, create, forge, passed, send, world } from '../support/outgoing-resolvers';

const unreachable = new AppError('unreachable', 'transient', 'The mail server does not answer.');
const refusedSender = new AppError('sender-refused', 'access', 'The account may not send as that.');

/** An enabled connection whose last mail failed. */
async function inTrouble(error: AppError): Promise<OutgoingView> {
  const { id, version } = await create();
  const enabled = await call('outgoing.enable', { id, version });
  world.sendError = error;
  await send('outgoing.sendTest', { id, to: 'kim@example.com' });
  world.sendError = null;
  assert.equal(await troubleOf(id), error.code);
  return enabled;
}
const troubleOf = (id: string) => forge.run(async () => (await outgoingTroubleStore().get(id))?.code ?? null);

test('a test of the saved connection that succeeds ends its trouble', async () => {
  const { id, settings } = await inTrouble(unreachable);
  await call('outgoing.test', { id, settings });
  assert.equal(await troubleOf(id), null);
});

test('a test that fails, or of what is not saved, ends no trouble', async () => {
  const { id, settings } = await inTrouble(unreachable);
  await call('outgoing.test', { id, settings: { ...settings, timeoutMs: settings.timeoutMs + 1_000 } });
  await call('outgoing.test', { id, settings, password: 'another one' });
  await call('outgoing.test', { settings, password: 'canary-secret' });
  world.report = { ...passed, ok: false };
  await call('outgoing.test', { id, settings });
  world.report = passed;
  assert.equal(await troubleOf(id), 'unreachable');
});

test('a test that sends nothing does not end what is said about a mail only', async () => {
  const { id, settings } = await inTrouble(refusedSender);
  await call('outgoing.test', { id, settings });
  assert.equal(await troubleOf(id), 'sender-refused');
  await call('outgoing.sendTest', { id, to: 'kim@example.com' });
  assert.equal(await troubleOf(id), null);
});

test('another way out, once it was tested, and a connection that is disabled have no trouble', async () => {
  const { id, version, settings } = await inTrouble(refusedSender);
  const renamed = await call('outgoing.update', { id, version, settings: { ...settings, name: `${settings.name}!` } });
  assert.equal(await troubleOf(id), 'sender-refused', 'another name is no other way');
  const change = { ...settings, fromAddress: 'desk@example.com' };
  await call('outgoing.update', { id, version: renamed.connection.version, settings: change });
  assert.equal(await troubleOf(id), null);

  const second = await inTrouble(unreachable);
  await call('outgoing.disable', { id: second.id, version: second.version });
  assert.equal(await troubleOf(second.id), null);
});
