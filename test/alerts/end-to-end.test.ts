import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kvs } from '@forge/kvs';
import type { AlertSettings } from '../../src/domain/alert';
import { knownAlertHosts } from '../../src/domain/webhook-address';
import type { FunctionName, Payload } from '../../src/resolvers/contract';
import { mailPassword } from '../emulator/mail-server/mail-server';
import { customUrl, headerSecret, logicUrl, opsgenieKey, slackUrl, teamsUrl } from '../support/alert-receivers';
import {
  addOutgoing,
  addRule,
  addSuspended,
  answers,
  call,
  host,
  mails,
  minutes,
  receivers,
  said,
  sentMails,
  submitter,
  suspend,
  watch,
} from './alert-host';

test('a suspended connection is told once by mail and once in Slack, and once when it is over', async () => {
  const outgoing = await addOutgoing('Sender');
  await addRule('Mail', { type: 'email', outgoingId: outgoing.id, recipients: ['ops@elsewhere.test'] });
  await addRule('Chat', { type: 'slack' }, { url: slackUrl });
  const before = mails().length;
  const suspended = await suspend('Support');
  for (let run = 0; run < 4; run += 1) {
    await watch();
    await minutes(5);
  }
  assert.equal(mails().length, before + 1);
  assert.equal(receivers.taken.length, 1);
  const raw = sentMails().at(-1) ?? '';
  assert.match(raw, /^Auto-Submitted: auto-generated\r$/m);
  assert.match(JSON.stringify(receivers.taken[0]?.body), /“Support” is suspended/);
  const page = new RegExp(`/jira/settings/apps/[0-9a-f-]+/[0-9a-f-]+/incoming/connections/${suspended.id}`);
  assert.match(JSON.stringify(receivers.taken[0]?.body), page);
  assert.match(raw.replace(/=\r\n/g, ''), page);

  await call('connections.disable', { id: suspended.id, version: suspended.version });
  for (let run = 0; run < 6; run += 1) {
    await watch();
    await minutes(5);
  }
  assert.equal(mails().length, before + 2);
  assert.equal(receivers.taken.length, 2);
  assert.match(JSON.stringify(receivers.taken[1]?.body), /“Support” is no longer suspended/);
  assert.equal(
    (await call('alerts.list', {})).alerts.every(({ last }) => last?.outcome === 'sent'),
    true,
  );
});

test('an outgoing connection that fails is told, and over once something got out', async () => {
  await addRule('Chat', { type: 'slack' }, { url: slackUrl });
  const outgoing = await addOutgoing('Sender');
  await host.forge.run(() => kvs.setSecret(`connection-password:${outgoing.id}`, 'changed at the server'));
  const payload = { id: outgoing.id, to: 'kim@elsewhere.test' };
  const send = () =>
    host.forge.invoke({ module: 'letterbox-admin', functionKey: 'outgoing.sendTest', payload, accountId: 'admin' });
  assert.equal((await send()).ok, false);
  assert.deepEqual(
    (await call('alerts.list', {})).incidents.map(({ title }) => title),
    ['“Sender” cannot send mail'],
  );
  await watch();
  assert.match(JSON.stringify(receivers.taken.at(-1)?.body), /“Sender” cannot send mail/);

  await host.forge.run(() => kvs.setSecret(`connection-password:${outgoing.id}`, mailPassword));
  assert.equal((await send()).ok, true);
  await watch();
  await minutes(15);
  await watch();
  assert.equal(receivers.taken.length, 2);
  assert.match(JSON.stringify(receivers.taken.at(-1)?.body), /no longer fails to send/);
});

test('the trouble of an outgoing connection is over once a test of it succeeds, too', async () => {
  await addRule('Chat', { type: 'slack' }, { url: slackUrl });
  const { id, settings } = await addOutgoing('Sender');
  await host.forge.run(() => kvs.setSecret(`connection-password:${id}`, 'changed at the server'));
  const payload = { id, to: 'kim@elsewhere.test' };
  await host.forge.invoke({ module: 'letterbox-admin', functionKey: 'outgoing.sendTest', payload, accountId: 'admin' });
  assert.equal((await call('outgoing.test', { id, settings })).ok, false);
  await watch();
  assert.match(JSON.stringify(receivers.taken.at(-1)?.body), /Test the connection under Outgoing mail/);

  await host.forge.run(() => kvs.setSecret(`connection-password:${id}`, mailPassword));
  assert.equal((await call('outgoing.test', { id, settings })).ok, true);
  assert.deepEqual((await call('alerts.list', {})).incidents, []);
  await watch();
  await minutes(15);
  await watch();
  assert.equal(receivers.taken.length, 2);
  assert.match(JSON.stringify(receivers.taken.at(-1)?.body), /no longer fails to send/);
});

test('a test goes to every channel, of a form that was never saved too, and shows the other side’s answer', async () => {
  const outgoing = await addOutgoing('Sender');
  await host.forge.customerEgress('set', consent('https://alerts.example.com'), 'admin');
  const tries: [AlertSettings['channel'], Payload<'alerts.sendTest'>['secret'], RegExp][] = [
    [{ type: 'email', outgoingId: outgoing.id, recipients: ['ops@elsewhere.test'] }, {}, /^250 /],
    [{ type: 'slack' }, { url: slackUrl }, /^ok$/],
    [{ type: 'teams' }, { url: teamsUrl }, /^HTTP 202$/],
    [{ type: 'teams' }, { url: logicUrl }, /^HTTP 202$/],
    [{ type: 'opsgenie', region: 'us' }, { apiKey: opsgenieKey }, /will be processed/],
    [{ type: 'opsgenie', region: 'eu' }, { apiKey: opsgenieKey }, /will be processed/],
    [{ type: 'webhook', headerName: 'Authorization' }, { url: customUrl, headerValue: headerSecret }, /^thank you$/],
  ];
  const settings = { name: 'Draft', incidents: ['suspended' as const] };
  for (const [channel, secret, reply] of tries) {
    assert.match((await call('alerts.sendTest', { settings: { ...settings, channel }, secret })).reply, reply);
  }
  assert.equal((await call('alerts.list', {})).alerts.length, 0);
  // Every host that the manifest lists for alerts is one that the app asks.
  const asked = Object.keys(host.forge.usage().egress);
  for (const known of knownAlertHosts)
    assert.ok(
      asked.some((name) => name.endsWith(known.replace('*', ''))),
      known,
    );
});

test('a custom host is refused until an administrator agreed to it, and after they took that back', async () => {
  const settings = {
    name: 'Own',
    incidents: ['suspended' as const],
    channel: { type: 'webhook' as const, headerName: '' },
  };
  const payload = { settings, secret: { url: customUrl } };
  const send = () =>
    host.forge.invoke({ module: 'letterbox-admin', functionKey: 'alerts.sendTest', payload, accountId: 'admin' });
  await host.forge.customerEgress('deleteGroup', { key: 'alert-webhooks' }, 'admin');
  assert.match(JSON.stringify(await send()), /host-not-allowed/);
  await assert.rejects(host.forge.customerEgress('set', consent('https://alerts.example.com'), 'agent'));
  assert.match(JSON.stringify(await send()), /host-not-allowed/);
  await host.forge.customerEgress('set', consent('https://alerts.example.com'), 'admin');
  assert.equal((await send()).ok, true);
  await host.forge.customerEgress('deleteGroup', { key: 'alert-webhooks' }, 'admin');
  assert.match(JSON.stringify(await send()), /host-not-allowed/);
});

test('an alert that reaches a connected mailbox becomes no issue', async () => {
  const outgoing = await addOutgoing('Sender');
  const created = await addSuspended('Watched', mailPassword);
  await call('connections.enable', { id: created.id, version: created.version, start: { from: 'now' } });
  await host.forge.drain();
  const issues = host.jira.state.all().length;
  await addRule('Loop', { type: 'email', outgoingId: outgoing.id, recipients: [submitter] });
  const { alerts } = await call('alerts.list', {});
  const { id = '', settings } = alerts[0] ?? {};
  assert.ok(settings);
  const delivered = host.mail.store.folder(submitter, 'INBOX')?.messages.size ?? 0;
  await call('alerts.sendTest', { id, settings, secret: {} });
  assert.equal(host.mail.store.folder(submitter, 'INBOX')?.messages.size, delivered + 1, 'it arrived there');
  await call('connections.poll', { id: created.id });
  await host.forge.drain();
  assert.equal(host.jira.state.all().length, issues);
});

test('a connection that alerts are sent through is not deleted', async () => {
  const { id, version } = await addOutgoing('Sender');
  const rule = await addRule('Mail', { type: 'email', outgoingId: id, recipients: ['ops@elsewhere.test'] });
  const payload = { id, version };
  const attempt = () =>
    host.forge.invoke({ module: 'letterbox-admin', functionKey: 'outgoing.delete', payload, accountId: 'admin' });
  assert.match(JSON.stringify(await attempt()), /connection-in-use.*Mail|Mail.*connection-in-use/);
  await call('alerts.delete', { id: rule.id, version: rule.version });
  assert.equal((await attempt()).ok, true);
});

test('no secret of a rule is in a log, an answer, the activity log or anything stored that is no secret', async () => {
  const consentTo = consent('https://alerts.example.com');
  await host.forge.customerEgress('set', consentTo, 'admin');
  await addRule('Slack', { type: 'slack' }, { url: slackUrl });
  await addRule('Teams', { type: 'teams' }, { url: teamsUrl });
  await addRule('Opsgenie', { type: 'opsgenie', region: 'us' }, { apiKey: opsgenieKey });
  const own = { type: 'webhook', headerName: 'Authorization' } as const;
  await addRule('Own', own, { url: customUrl, headerValue: headerSecret });
  await suspend('Support');
  await watch();
  const echoes = { slack: slackUrl, teams: teamsUrl, opsgenie: opsgenieKey, webhook: `${customUrl} ${headerSecret}` };
  for (const { id, version, settings } of (await call('alerts.list', {})).alerts) {
    const { type } = settings.channel;
    assert.notEqual(type, 'email');
    receivers.answer = { status: 500, body: type === 'email' ? '' : `You sent ${echoes[type]}` };
    const test = { id, settings, secret: {} };
    const result = await host.forge.invoke({
      module: 'letterbox-admin',
      functionKey: 'alerts.sendTest',
      payload: test,
      accountId: 'admin',
    });
    assert.match(JSON.stringify(result), /You sent \[redacted\]/);
    answers.push(JSON.stringify(result));
    await call('alerts.update', { id, version, settings: { ...settings, name: `${settings.name} 2` }, secret: {} });
  }
  await call('activity.list', {});
  const everything = {
    log: said.join('\n'),
    answers: answers.join('\n'),
    storage: JSON.stringify(host.forge.storage('')),
  };
  const canaries = [
    'slackSecretInPath',
    'teamsSecretSignature',
    'opsgenieSecret',
    'customSecretInPath',
    'headerSecretValue',
  ];
  for (const [where, text] of Object.entries(everything)) {
    assert.ok(text.length > 100, where);
    for (const canary of canaries) assert.ok(!text.includes(canary), `${canary} in ${where}`);
  }
  const stored = await host.forge.run(async () => {
    const { alerts } = await call('alerts.list', {});
    return Promise.all(alerts.map(({ id }) => kvs.getSecret(`alert-secret:${id}`)));
  });
  for (const canary of canaries) assert.ok(JSON.stringify(stored).includes(canary), `${canary} is kept as a secret`);
});

test('a stored header goes to no other host, and a stored key to no other region', async () => {
  const own = { type: 'webhook', headerName: 'Authorization' } as const;
  const { id, version, settings } = await addRule('Own', own, { url: customUrl, headerValue: headerSecret });
  const attempt = async (payload: Payload<'alerts.update'> | Payload<'alerts.sendTest'>, functionKey: FunctionName) =>
    JSON.stringify(await host.forge.invoke({ module: 'letterbox-admin', functionKey, payload, accountId: 'admin' }));
  const url = 'https://thief.example.com/x';
  assert.match(await attempt({ id, settings, secret: { url } }, 'alerts.sendTest'), /secret\.headerValue/);
  assert.match(await attempt({ id, version, settings, secret: { url } }, 'alerts.update'), /stored for another host/);
  const elsewhere = { ...settings, channel: { type: 'opsgenie' as const, region: 'eu' as const } };
  assert.match(await attempt({ id, version, settings: elsewhere, secret: {} }, 'alerts.update'), /Enter the API key/);
  const same = { id, version, settings, secret: { url: `${customUrl}/other` } };
  assert.match(await attempt(same, 'alerts.update'), /"ok":true/);
});

test('a run without a rule costs one read, and with one that has nothing to say no write', async () => {
  const usage = () => host.forge.usage().kvs;
  let before = usage();
  await watch();
  // Two of them plan polls.
  assert.deepEqual([usage().reads - before.reads, usage().writes - before.writes], [3, 0]);
  await addRule('Chat', { type: 'slack' }, { url: slackUrl });
  before = usage();
  await watch();
  assert.equal(usage().writes, before.writes);
  assert.ok(usage().reads - before.reads <= 10, `${usage().reads - before.reads} reads`);
});

const consent = (domain: string) => ({
  egresses: [{ key: 'alert-webhooks', description: 'Alerts', configured: [{ domain, type: ['FETCH_BACKEND_SIDE'] }] }],
});
