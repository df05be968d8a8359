import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Completeness } from '../../src/domain/completeness';
import { connectionSettings, type SettingsOf } from '../../src/domain/connection';
import { addPoll } from '../../src/domain/tally';
import type { ConnectionView } from '../../src/resolvers/views';
import { exampleSettings, type FakeApp, fakeApp } from './support/fake-app';
import { pages } from './support/pages';
import { until } from './support/steps';

const openPage = pages();

const path = '/incoming/connections/c1';
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

const trouble = {
  code: 'sign-in-failed',
  message: 'The server refused the user name or the password. Enter them again.',
  detail: 'AUTHENTICATIONFAILED',
  step: 'sign-in',
  since: Date.UTC(2026, 0, 31, 12),
  failures: 3,
  notBefore: 0,
};
const polling = { state: 'enabled', status: 'polling', polledAt: Date.now() - 125_000 } as const;

function oneConnection(view: Partial<ConnectionView> = polling): FakeApp {
  const app = fakeApp();
  app.add({ name: 'Support', description: 'Questions of customers', folder: 'Support/Done' }, view);
  return app;
}

test('the page says what the connection is, and where its mail goes by name', async (t) => {
  const { page } = await openPage(t, oneConnection(), { path });
  await page.getByRole('heading', { name: 'Support', level: 1 }).waitFor();
  await page.getByText('Letterbox looks for new mail every minute.').waitFor();
  await page.getByText('Task in Support (SUP)').waitFor();
  for (const fact of ['imap.example.com:993, SSL/TLS', 'support@example.com', 'Support/Done', 'Mark as read']) {
    await page.getByText(fact, { exact: true }).waitFor();
  }
  await page.getByText('2 minutes ago').waitFor();
});

test('the name in the list leads to the page, and the page back to the list', async (t) => {
  const { page, location } = await openPage(t, oneConnection());
  await page.getByRole('link', { name: 'Support', exact: true }).click();
  await page.getByRole('heading', { name: 'Support', level: 1 }).waitFor();
  assert.equal(await location(), path);
  await page.getByRole('link', { name: 'Incoming connections' }).click();
  await page.getByRole('heading', { name: 'Incoming connections', level: 1 }).waitFor();
});

test('a suspended connection tells why, in the server’s words, since when, and that nothing is tried', async (t) => {
  const app = oneConnection({ state: 'suspended', status: 'suspended', trouble, canContinue: true });
  const { page, location } = await openPage(t, app, { path });
  await page.getByRole('heading', { name: 'The connection is suspended' }).waitFor();
  for (const text of [
    trouble.message,
    'The server said: “AUTHENTICATIONFAILED”',
    'Sign in',
    'None, until an administrator enables the connection again',
  ]) {
    await page.getByText(text, { exact: true }).waitFor();
  }
  // The product says that the reader is in Tokyo; noon UTC is nine in the evening there.
  await page.getByText('Jan 31, 2026, 9:00:00').waitFor();
  await button(page, 'Edit the connection').click();
  await until(async () => assert.equal(await location(), `${path}/edit`));
});

test('a failing connection says when it is tried next', async (t) => {
  const notBefore = Date.now() + 10 * 60_000;
  const failing = { ...polling, status: 'failing', nextPollAt: notBefore, trouble: { ...trouble, notBefore } } as const;
  const { page } = await openPage(t, oneConnection(failing), { path });
  await page.getByRole('heading', { name: 'The last poll failed' }).waitFor();
  await page.getByText(/^in 9 minutes \(/).waitFor();
});

test('mail that was given up leads to its entries in the activity log', async (t) => {
  const app = oneConnection({
    ...polling,
    status: 'warning',
    warning: 'The server refused to delete.',
    quarantined: 2,
  });
  const { page, location } = await openPage(t, app, { path });
  await page.getByText('The server refused to delete.').waitFor();
  await page.getByRole('heading', { name: '2 messages are in quarantine' }).waitFor();
  await button(page, 'Show the quarantine').click();
  await page.getByRole('heading', { name: 'Activity', level: 1 }).waitFor();
  assert.equal(await location(), '/incoming/activity/c1/quarantined');
  await until(() => {
    const asked = app.calls.filter(({ name }) => name === 'activity.list').at(-1)?.payload;
    assert.ok(asked && typeof asked === 'object' && 'result' in asked && 'connectionId' in asked);
    assert.deepEqual([asked.connectionId, asked.result], ['c1', 'quarantined']);
  });
});

test('mail that is being reprocessed is counted down, and not spoken of before and after', async (t) => {
  const app = oneConnection({ ...polling, tryingAgain: 1_234 });
  const { page } = await openPage(t, app, { path });
  await page.getByText('1,234 messages left').waitFor();
  const before = app.connections.get('c1');
  assert.ok(before);
  app.connections.set('c1', { ...before, tryingAgain: 0 });
  await button(page, 'Poll now').click();
  await page.getByText('Being reprocessed').waitFor({ state: 'detached' });
});

test('a new connection leads with “Enable”, and goes green when it is pressed', async (t) => {
  const { page, flags } = await openPage(t, oneConnection({}), { path });
  await page.getByText('This connection has not been enabled yet.', { exact: false }).waitFor();
  assert.equal(await button(page, 'Poll now').count(), 0);
  await button(page, 'Enable').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
  await page.getByText('Polling', { exact: true }).waitFor();
  await until(() => assert.equal(flags[0]?.title, 'Support is enabled'));
  await page.getByText('A poll that finds nothing is noted every 15 minutes only', { exact: false }).waitFor();
  await button(page, 'Disable').waitFor();
});

test('“Poll now” shows progress, and the page renews itself', async (t) => {
  const app = oneConnection();
  app.pollOutcome = () => {
    app.tallies.set('c1', addPoll(null, { at: Date.now(), tookMs: 90, results: { created: 1 }, waiting: 0 }));
    return { polledAt: Date.now() };
  };
  const { page, flags } = await openPage(t, app, { path });
  await page.getByText('No poll has taken mail in this period.', { exact: false }).waitFor();
  await button(page, 'Poll now').click();
  await until(() => assert.equal(flags[0]?.title, 'Support was polled'));
  await page.getByRole('heading', { name: 'Mail by result' }).waitFor();
  const before = app.connections.get('c1');
  assert.ok(before);
  app.connections.set('c1', { ...before, status: 'failing', trouble });
  await page.getByRole('heading', { name: 'The last poll failed' }).waitFor();
});

test('the test of the connection runs from its page', async (t) => {
  const { page } = await openPage(t, oneConnection(), { path });
  await button(page, 'Test').click();
  await page.getByRole('dialog').getByText('The connection works').waitFor();
});

test('deleting asks, and leads to the list', async (t) => {
  const app = oneConnection();
  const { page, location } = await openPage(t, app, { path });
  await button(page, 'Delete').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await until(async () => assert.equal(await location(), '/incoming/connections'));
  assert.equal(app.connections.size, 0);
});

test('a connection that is gone is said to be, with a way back', async (t) => {
  const { page } = await openPage(t, fakeApp(), { path });
  await page.getByRole('alert').getByText('This connection was deleted.').waitFor();
  assert.equal(await button(page, 'Edit').count(), 0);
  await page.getByRole('link', { name: 'Incoming connections' }).click();
  await page.getByRole('heading', { name: 'No mailbox is connected yet' }).waitFor();
});

/** A mailbox in which everything adds up: 12 messages. */
function counted(change: Partial<Completeness> = {}): Completeness {
  const survey = {
    onServer: 12,
    isExact: true,
    reason: null,
    unlisted: 0,
    isCut: false,
    isReset: false,
    isSteady: true,
  };
  const totals = { since: Date.now(), taken: 9, removed: 2, skipped: 0, gone: 0, givenUp: 1, dismissed: 0, alone: 3 };
  return { survey, totals, kept: 7, waiting: 1, isRelisting: false, expected: 12, difference: 0, ...change };
}

const polled = { ...polling, canContinue: true } as const;

test('the page holds the mailbox against what became of its mail, when it is opened and when asked', async (t) => {
  const app = oneConnection(polled);
  app.completeness = counted();
  const { page } = await openPage(t, app, { path });
  await page.getByText('It adds up: what became of all 12 messages in the mailbox is known.').waitFor();
  app.completeness = counted({ difference: -2, expected: 14 });
  await button(page, 'Check now').click();
  await page.getByRole('heading', { name: '2 messages fewer than expected' }).waitFor();
  await page.getByText('somebody moved or deleted mail', { exact: false }).waitFor();
});

test('where it can’t be said whether the numbers add up, the page says which is not known and why', async (t) => {
  const app = oneConnection(polled);
  const { totals, survey } = counted();
  app.completeness = counted({ difference: null, expected: null, totals: { ...totals, alone: null } });
  const { page } = await openPage(t, app, { path });
  await page
    .getByText('How many messages were in the mailbox already when counting began is not known', { exact: false })
    .waitFor();
  app.completeness = counted({ survey: { ...survey, unlisted: 500, isCut: true }, difference: null, expected: null });
  await button(page, 'Check now').click();
  await page.getByText('500 or more', { exact: true }).waitFor();
});

test('a count that fails says why, and works when asked again', async (t) => {
  const app = oneConnection(polled);
  app.completeness = counted();
  const message = 'The mail server is busy. Try again in a minute.';
  app.failing.set('connections.completeness', { code: 'busy', kind: 'transient', message });
  const { page } = await openPage(t, app, { path });
  await page.getByRole('alert').getByText(message).waitFor();
  app.failing.clear();
  await button(page, 'Check now').click();
  await page.getByText('It adds up', { exact: false }).waitFor();
});

test('a mailbox that can’t be reached is not asked before somebody wants to know', async (t) => {
  const app = oneConnection({ state: 'suspended', status: 'suspended', trouble, canContinue: true });
  app.completeness = counted();
  const { page } = await openPage(t, app, { path });
  await button(page, 'Check now').waitFor();
  assert.equal(app.calls.filter(({ name }) => name === 'connections.completeness').length, 0);
  await button(page, 'Check now').click();
  await page.getByText('It adds up', { exact: false }).waitFor();
});

const oauthSettings = { provider: 'google', credentialId: 'credential-1' } as const;

test('access that ends soon says so, and leads to the form or to the credential', async (t) => {
  const app = fakeApp();
  const { host: _, port: __, encryption: ___, privateCa: ____, ...rest } = exampleSettings() as SettingsOf<'imap'>;
  const settings = connectionSettings.parse({ ...rest, ...oauthSettings });
  const { id } = app.add({}, polling);
  const expiries: ConnectionView['expiries'] = [
    { of: 'secret', level: 'expired', message: 'The client secret of “Google” expired.' },
    { of: 'sign-in', level: 'urgent', message: 'The access to the mailbox ends in a day. Authorize again.' },
  ];
  const view = app.connections.get(id);
  assert.ok(view);
  app.connections.set(id, { ...view, settings, status: 'warning', expiries });
  const { page, location } = await openPage(t, app, { path });
  await page.getByRole('heading', { name: 'The client secret has expired' }).waitFor();
  await page.getByRole('heading', { name: 'The access to the mailbox ends soon' }).waitFor();
  await button(page, 'Enter a new client secret').click();
  await until(async () => assert.equal(await location(), '/settings/credentials/credential-1'));
});
