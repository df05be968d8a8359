import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';
import { kvs } from '@forge/kvs';
import type { AlertSettings } from '../../src/domain/alert';
import type { FunctionName, Payload, Values } from '../../src/resolvers/contract';
import { type LocalHost, startLocalHost } from '../emulator/local/local-host';
import { mailPassword } from '../emulator/mail-server/mail-server';
import { type AlertReceivers, alertReceivers } from '../support/alert-receivers';

/** Alerts of the unmodified app on the emulator, with a real gateway and a real SMTP server. */

export let host: LocalHost;
export let receivers: AlertReceivers;
export const said: string[] = [];
before(async () => {
  receivers = await alertReceivers();
  host = await startLocalHost({ start: false, hosts: receivers.hosts, say: (line) => said.push(line) });
});
after(async () => {
  await host?.close();
  await receivers?.close();
});
afterEach(async () => {
  for (const { id, version } of (await call('alerts.list', {})).alerts) await call('alerts.delete', { id, version });
  for (const { id, version } of await call('connections.list', {})) await call('connections.delete', { id, version });
  for (const { id, version } of await call('outgoing.list', {})) await call('outgoing.delete', { id, version });
  receivers.taken.length = 0;
  receivers.answer = null;
  receivers.opsgenie.clear();
});

export async function call<K extends FunctionName>(functionKey: K, payload: Payload<K>): Promise<Values[K]> {
  const result = await host.forge.invoke({ module: 'letterbox-admin', functionKey, payload, accountId: 'admin' });
  answers.push(JSON.stringify(result));
  assert.ok(result.ok, JSON.stringify(result));
  return result.value as never;
}
export const answers: string[] = [];

export const incidents = ['suspended', 'failing', 'quarantined', 'expiring', 'outgoing-failing'] as const;
export const addRule = (
  name: string,
  channel: AlertSettings['channel'],
  secret: Payload<'alerts.create'>['secret'] = {},
) => call('alerts.create', { settings: { name, incidents: [...incidents], failingMinutes: 5, channel }, secret });

export const submitter = 'support@letterbox.test';
export const smtp = (name: string, change = {}) => ({
  provider: 'smtp' as const,
  name,
  fromAddress: submitter,
  host: 'localhost',
  port: host.mail.ports.smtps,
  username: submitter,
  privateCa: host.mail.ca,
  ...change,
});
export async function addOutgoing(name: string, change = {}) {
  const { id, version } = await call('outgoing.create', { settings: smtp(name, change), password: mailPassword });
  return call('outgoing.enable', { id, version });
}

/** A mailbox whose password the server refuses: polls suspend it. */
export async function addSuspended(name: string, password = 'wrong password') {
  const created = await call('connections.create', {
    settings: {
      provider: 'imap',
      name,
      host: 'localhost',
      port: host.mail.ports.imaps,
      username: submitter,
      privateCa: host.mail.ca,
      target: { projectId: '10000', issueTypeId: '10001' },
    },
    password,
  });
  return created;
}
export async function suspend(name: string) {
  const created = await addSuspended(name, mailPassword);
  const enabled = await call('connections.enable', {
    id: created.id,
    version: created.version,
    start: { from: 'now' },
  });
  await host.forge.drain();
  await host.forge.run(() => kvs.setSecret(`connection-password:${created.id}`, 'changed at the server'));
  await call('connections.poll', { id: created.id });
  await host.forge.drain();
  for (let round = 2; round <= 3; round += 1) await minutes(5);
  const view = await call('connections.get', { id: enabled.id });
  assert.equal(view.state, 'suspended');
  return view;
}

export const watch = () => host.forge.trigger('plan-polls');
export const minutes = (count: number) => host.forge.advance(count * 60);
export const mails = () => host.mail.sent().filter(({ raw }) => /^To: ops@elsewhere\.test\r$/m.test(String(raw)));
export const sentMails = () => mails().map(({ raw }) => String(raw));
