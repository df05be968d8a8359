import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { alertTimeoutSeconds, graceMs } from '../../src/domain/limits';
import type { ActivityView, ConnectionView } from '../../src/resolvers/views';
import { slackUrl } from '../support/alert-receivers';
import { openSite, type StoredSite } from './stored-site';

/**
 * A site whose storage version 0.1 wrote (test/fixtures/store-0.1), with the app as it is now: what was stored is shown, polled, saved,
 * alerted and tried again, and no mail is lost or becomes two issues. The tests go on from one another, as a site does.
 */
const directory = fileURLToPath(new URL('../fixtures/store-0.1', import.meta.url));
const { now } = JSON.parse(readFileSync(`${directory}/now.json`, 'utf8'));
/** What had become issues when the store was saved. */
let taken: string[];

let site: StoredSite;
before(async () => {
  site = await openSite(directory, now);
  taken = summaries();
});
after(() => site?.close());

const summaries = () => site.jira.state.all().map(({ summary }) => summary);
const connection = async (name: string): Promise<ConnectionView> => {
  const found = (await site.call('connections.list', {})).find(({ settings }) => settings.name === name);
  assert.ok(found !== undefined, name);
  return found;
};
async function poll(name: string): Promise<void> {
  const { id } = await connection(name);
  await site.call('connections.poll', { id });
  await site.forge.drain();
}
async function allActivity(): Promise<ActivityView[]> {
  const entries: ActivityView[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await site.call('activity.list', cursor === undefined ? {} : { cursor });
    entries.push(...page.entries);
    if (page.cursor === null) return entries;
    cursor = page.cursor;
  }
}
const count = (entries: readonly ActivityView[]) => {
  const counts: Record<string, number> = {};
  for (const { result } of entries) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
};

test('shows every connection as it was: state, what waits, what was given up, what is wrong', async () => {
  const shown = (await site.call('connections.list', {})).map((view) => {
    const { settings, state, status, waiting, quarantined, trouble, canContinue } = view;
    return [settings.name, settings.provider, state, status, waiting, quarantined, trouble?.code ?? '', canContinue];
  });
  assert.deepEqual(shown, [
    ['Accounts', 'imap', 'suspended', 'suspended', 0, 0, 'sign-in-failed', true],
    ['Archive', 'imap', 'enabled', 'failing', 0, 0, 'gateway-failed', true],
    ['Down', 'imap', 'enabled', 'failing', 0, 0, 'host-unreachable', true],
    ['Exchange IMAP', 'microsoft-imap', 'enabled', 'polling', 0, 0, '', true],
    ['Gmail', 'google', 'enabled', 'warning', 0, 1, '', true],
    ['Gmail revoked', 'google', 'suspended', 'suspended', 0, 0, 'authorization-expired', true],
    ['Graph application', 'microsoft-graph', 'enabled', 'failing', 1, 0, 'jira-unavailable', true],
    ['Graph shared', 'microsoft-graph', 'enabled', 'polling', 0, 0, '', true],
    ['Not yet', 'imap', 'disabled', 'disabled', 0, 0, '', false],
    ['POP3', 'pop3', 'enabled', 'polling', 0, 0, '', true],
    ['Sales', 'imap', 'disabled', 'disabled', 0, 0, '', true],
    ['Support', 'imap', 'enabled', 'failing', 4, 1, 'gateway-failed', true],
    ['Unread', 'imap', 'enabled', 'polling', 0, 0, '', true],
  ]);
  for (const view of await site.call('connections.list', {}))
    assert.deepEqual(await site.call('connections.get', { id: view.id }), view);
});

test('shows the log that was on, and goes on with it', async () => {
  const { id } = await connection('Support');
  const { lines, until } = await site.call('connections.protocol', { id });
  assert.ok(lines.length > 20);
  assert.ok(until !== null && until > now);
});

test('shows outgoing connections, credentials and a sign-in under way', async () => {
  const outgoing = await site.call('outgoing.list', {});
  assert.deepEqual(
    outgoing.map(({ settings, enabled, trouble }) => [settings.name, settings.provider, enabled, trouble?.code ?? '']),
    [
      ['Exchange SMTP', 'microsoft-smtp', true, ''],
      ['Gmail out', 'google', true, ''],
      ['Graph out', 'microsoft-graph', true, ''],
      ['SMTP', 'smtp', true, ''],
      ['SMTP failing', 'smtp', true, 'sign-in-failed'],
      ['SMTP off', 'smtp', false, ''],
      ['SMTP without sign-in', 'smtp', false, ''],
    ],
  );
  for (const view of outgoing) assert.deepEqual(await site.call('outgoing.get', { id: view.id }), view);
  assert.ok(outgoing.some(({ debugUntil }) => debugUntil !== null));

  const [underWay = ''] = Object.keys(site.forge.storage('authorization:'));
  const authorizationId = underWay.slice('authorization:'.length);
  assert.deepEqual(await site.call('authorizations.outcome', { authorizationId }), { state: 'waiting' });

  const { credentials } = await site.call('credentials.list', {});
  assert.deepEqual(
    credentials.map(({ settings, usedBy, expiry }) => [settings.name, usedBy.length, expiry !== null]),
    [
      ['Demo Google', 3, false],
      ['Demo Microsoft (application)', 1, false],
      ['Demo Microsoft (delegated)', 4, false],
      ['US Government', 0, true],
    ],
  );
});

test('lists and gets the activity of every kind, and the settings that were changed', async () => {
  const entries = await allActivity();
  assert.deepEqual(count(entries), {
    changed: 54,
    created: 37,
    failed: 2,
    gone: 1,
    quarantined: 2,
    dismissed: 1,
    skipped: 1,
  });
  for (const entry of entries) assert.deepEqual(await site.call('activity.get', { id: entry.id }), entry);
  const { entries: skipped } = await site.call('activity.list', { result: 'skipped' });
  assert.match(skipped[0]?.subject ?? '', /test/i);
  const { entries: found } = await site.call('activity.list', { text: 'refused left' });
  assert.deepEqual(
    found.map(({ subject, result }) => [subject, result]),
    [['A refused and left', 'dismissed']],
  );
  assert.deepEqual(await site.call('activity.settings', {}), { days: 60 });
});

test('shows charts of what was counted', async () => {
  const { id } = await connection('Support');
  const { buckets } = await site.call('activity.charts', { connectionId: id, period: '24h' });
  const created = buckets.reduce((sum, { results }) => sum + (results.created ?? 0), 0);
  assert.equal(created, 6);
  assert.equal((await site.call('activity.lastDay', {})).length, 12);
});

test('shows alert rules with what became of their last message, and tells nothing twice', async () => {
  const rules = async () =>
    (await site.call('alerts.list', {})).alerts.map(({ settings, enabled, host, last }) => [
      settings.name,
      settings.channel.type,
      enabled,
      host,
      last?.outcome ?? '',
    ]);
  const expected = [
    ['Mail', 'email', true, '', 'sent'],
    ['Opsgenie', 'opsgenie', true, 'api.eu.opsgenie.com', 'sent'],
    ['Slack', 'slack', true, 'hooks.slack.com', 'sent'],
    ['Teams', 'teams', true, 'defaultaaaa.aa.environment.api.powerplatform.com', 'failed'],
    ['Webhook', 'webhook', false, 'alerts.example.com', ''],
  ];
  assert.deepEqual(await rules(), expected);
  const { incidents } = await site.call('alerts.list', {});
  assert.ok(incidents.length >= 6);

  const { watch } = await import('../../src/index');
  const run = () => site.forge.run(watch, { timeoutSeconds: alertTimeoutSeconds });
  const told = () =>
    JSON.stringify(site.receivers.taken) +
    site.mail
      .sent()
      .map(({ raw }) => raw)
      .join();
  await run();
  assert.doesNotMatch(told(), /“(Accounts|Gmail revoked)” is suspended/);
  assert.deepEqual(await rules(), expected);
  // A rule that has told nothing yet tells of both.
  const settings = { name: 'New', incidents: ['suspended' as const], channel: { type: 'slack' as const } };
  const { id, version } = await site.call('alerts.create', { settings, secret: { url: slackUrl } });
  await run();
  assert.match(told(), /“Accounts” is suspended/);
  assert.match(told(), /“Gmail revoked” is suspended/);
  await site.call('alerts.delete', { id, version });
});

/** What lay there, and had not become an issue; of the quarantine when somebody asks for it. */
const left = {
  Support: ['A refused so far', 'A refused twice so far', 'A waits for its turn'],
  Archive: Array.from({ length: 10 }, (_, index) => `E new ${index + 50}`),
  Down: ['D new while down'],
  'Exchange IMAP': ['K new'],
  Gmail: ['I new'],
  'Graph application': ['M new'],
  'Graph shared': ['L new'],
  POP3: ['H new'],
  Unread: ['F new'],
};

test('takes what waited and what had come meanwhile, and nothing twice', async () => {
  for (const name of Object.keys(left)) await poll(name);
  await site.forge.advance(graceMs / 1_000 + 60);
  for (const name of Object.keys(left)) await poll(name);
  assert.deepEqual(summaries().sort(), [...taken, ...Object.values(left).flat()].sort());
  for (const name of Object.keys(left)) {
    const { state, waiting, trouble, warning } = await connection(name);
    assert.deepEqual(
      { state, waiting, trouble, warning },
      { state: 'enabled', waiting: 0, trouble: null, warning: null },
    );
  }
});

test('attaches what a run was ended at', async () => {
  for (const summary of ['A paused at its file', 'M paused at its file']) {
    const issue = site.jira.state.all().find((one) => one.summary === summary);
    assert.equal(issue?.attachments.length, 1, summary);
  }
});

test('adds up what became of the mail of each mailbox', async () => {
  for (const name of Object.keys(left)) {
    const { id } = await connection(name);
    const told = await site.call('connections.completeness', { id });
    assert.equal(told?.difference, 0, `${name}: ${JSON.stringify(told)}`);
  }
});

test('goes on where it stopped when it is enabled again', async () => {
  for (const [name, subject] of [
    ['Sales', 'B new while disabled'],
    ['Accounts', 'C new'],
  ] as const) {
    const { id, version } = await connection(name);
    await site.call('connections.enable', { id, version, start: { from: 'continue' } });
    await site.forge.drain();
    assert.equal(summaries().filter((summary) => summary === subject).length, 1, subject);
    assert.equal((await connection(name)).trouble, null);
  }
});

test('tries again what was given up', async () => {
  for (const [name, subject] of [
    ['Support', 'A refused once'],
    ['Gmail', 'I refused'],
  ] as const) {
    const { id } = await connection(name);
    assert.deepEqual(await site.call('activity.reprocess', { connectionId: id }), { asked: 1, more: false });
    await site.forge.drain();
    assert.equal(summaries().filter((summary) => summary === subject).length, 1, subject);
    assert.equal((await connection(name)).quarantined, 0);
  }
});

test('saves each connection again, and polls it with the sign-in that was stored', async () => {
  const mailNow = (name: string) => Buffer.from(`From: ada@example.org\r\nSubject: ${name} now\r\n\r\nText\r\n`);
  for (const { id, version, settings } of await site.call('connections.list', {})) {
    const changed = { ...settings, description: 'Saved again.' };
    await site.call('connections.update', { id, version, settings: changed });
    assert.deepEqual((await site.call('connections.get', { id })).settings, changed);
  }
  const inboxes = { Support: 'support', Down: 'down', Unread: 'unread', Accounts: 'accounts' };
  for (const [name, user] of Object.entries(inboxes))
    site.mail.deliver({ from: 'ada@example.org', recipients: [`${user}@letterbox.test`], raw: mailNow(name) });
  site.pop3.mails.push({ id: 'now', raw: mailNow('POP3') });
  site.providers.google.deliver(mailNow('Gmail'), { mailbox: 'support@gmail.example' });
  site.providers.microsoft.deliver(mailNow('Graph shared'), { mailbox: 'team@contoso.example' });
  site.providers.microsoft.deliver(mailNow('Graph application'), { mailbox: 'maria@contoso.example' });
  for (const name of [...Object.keys(inboxes), 'POP3', 'Gmail', 'Graph shared', 'Graph application']) {
    await poll(name);
    assert.equal(summaries().filter((summary) => summary === `${name} now`).length, 1, name);
  }
  assert.equal(new Set(summaries()).size, summaries().length, 'an issue stands twice');
});

test('sends by each outgoing connection, saved again, with the sign-in that was stored', async () => {
  for (const { id, version, settings, enabled } of await site.call('outgoing.list', {})) {
    const changed = { ...settings, fromName: 'Saved again' };
    await site.call('outgoing.update', { id, version, settings: changed });
    assert.deepEqual((await site.call('outgoing.get', { id })).settings, changed);
    if (!enabled || settings.name === 'SMTP failing') continue;
    await site.call('outgoing.sendTest', { id, to: 'kim@elsewhere.test' });
  }
  assert.equal(site.mail.sent().filter(({ envelope }) => envelope.to.includes('kim@elsewhere.test')).length, 4);
});

test('saves credentials and alert rules again with the secrets that were stored', async () => {
  for (const { id, version, settings } of (await site.call('credentials.list', {})).credentials) {
    const saved = await site.call('credentials.update', { id, version, settings, clientSecret: '' });
    assert.equal(saved.version, version + 1);
  }
  for (const { id, version, settings } of (await site.call('alerts.list', {})).alerts) {
    const saved = await site.call('alerts.update', { id, version, settings, secret: {} });
    assert.equal(saved.version, version + 1);
    if (settings.channel.type === 'slack') await site.call('alerts.sendTest', { id, settings, secret: {} });
  }
  const notices = site.receivers.taken.filter(({ host }) => host === 'hooks.slack.com');
  assert.ok(notices.length > 0);
});
