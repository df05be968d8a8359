import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type LocalHost, startLocalHost } from '../emulator/local/local-host';
import { mailPassword } from '../emulator/mail-server/mail-server';
import { appCalls } from '../support/app-calls';
import { launchBrowser } from './support/browser-page';
import { openSite } from './support/site';
import { choose, pick, until } from './support/steps';

/** The activity log in a browser, with the unmodified app, gateway, page and a real mail server behind it. */
let browser: Browser;
let host: LocalHost;
before(async () => {
  [browser, host] = await Promise.all([launchBrowser(), startLocalHost({ searchLagMs: 0 })]);
});
after(async () => {
  await browser?.close();
  await host?.close();
});

const { call } = appCalls(() => host.forge);

const settings = (name: string, username: string, change: { largestMailMb?: number } = {}) => ({
  provider: 'imap' as const,
  name,
  host: 'localhost',
  port: host.mail.ports.imaps,
  username,
  privateCa: host.mail.ca,
  target: { projectId: '10000', issueTypeId: '10001' },
  ...change,
});

/** A connection whose first poll has taken, or given up, what was delivered before. */
async function polled(name: string, username: string, change: { largestMailMb?: number } = {}): Promise<string> {
  const { id, version } = await call('connections.create', {
    settings: settings(name, username, change),
    password: mailPassword,
  });
  await call('connections.enable', { id, version, start: { from: 'everything' } });
  // Long enough for a first poll that fails on a busy machine, and the next.
  await until(async () => {
    const { polledAt, trouble } = await call('connections.get', { id });
    assert.ok(polledAt !== null, trouble?.message);
  }, 150_000);
  return id;
}

function deliver(to: string, subject: string, bytes = 0): Buffer {
  const head = `From: Kim <kim@example.com>\r\nTo: ${to}\r\nSubject: ${subject}\r\nMessage-ID: <${subject.replaceAll(' ', '.')}@example.com>\r\nDate: Fri, 20 Nov 2026 08:00:00 +0000\r\n\r\n`;
  const raw = Buffer.from(`${head}${'It does not print.\r\n'.repeat(1 + Math.ceil(bytes / 20))}`);
  host.mail.deliver({ from: 'kim@example.com', recipients: [to], raw });
  return raw;
}

test('a mail that is too large is shown with its reason, downloaded, and becomes an issue once it may', async (t) => {
  deliver('support@letterbox.test', 'A small mail');
  // Of more than fits into one answer of the app.
  const raw = deliver('support@letterbox.test', 'A large mail', 4_200_000);
  const id = await polled('Support inbox', 'support@letterbox.test', { largestMailMb: 1 });
  const { app, page, context } = await openSite(t, browser, host, 'Activity');
  await page.locator('.side').getByRole('link', { name: 'Connections' }).first().click();

  await choose(app, 'Support inbox', 'Activity');
  await app.getByRole('heading', { name: 'Activity' }).waitFor();
  await app.getByRole('button', { name: 'A small mail' }).waitFor();
  await pick(app, 'Result', 'Quarantined');
  await until(async () => assert.equal(await app.locator('tbody tr').count(), 1));

  await app.getByRole('button', { name: 'A large mail' }).click();
  const dialog = app.getByRole('dialog');
  await dialog.getByText('The mail has 4.1 MB; this connection takes mail of up to 1 MB.').waitFor();
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Download .eml' }).click(),
  ]);
  assert.match(saved.suggestedFilename(), /^mail-.*\.eml$/);
  const file = await readFile(await saved.path());
  assert.ok(file.toString().endsWith(raw.toString()), 'the file is the mail');

  const { version } = await call('connections.get', { id });
  await call('connections.update', { id, version, settings: settings('Support inbox', 'support@letterbox.test') });
  await dialog.getByRole('button', { name: 'Reprocess' }).click();
  await page.getByRole('alert').getByText('The mail is tried again now').waitFor();
  await app.getByRole('heading', { name: 'Nothing fits these filters' }).waitFor({ timeout: 60_000 });

  await pick(app, 'Result', 'All results');
  await app.getByRole('button', { name: 'A large mail' }).click();
  const link = app.getByRole('dialog').getByRole('link', { name: /^Open SUP-/ });
  const [issue] = await Promise.all([context.waitForEvent('page'), link.click()]);
  await issue.getByText('A large mail').first().waitFor();
});

test('a mail that was given up is dismissed after a question, and the connection is green again', async (t) => {
  deliver('archive@letterbox.test', 'Another large mail', 1_100_000);
  const id = await polled('Archive', 'archive@letterbox.test', { largestMailMb: 1 });
  assert.equal((await call('connections.get', { id })).status, 'warning');
  const { app, page } = await openSite(t, browser, host, 'Activity');
  await pick(app, 'Connection', 'Archive');
  await app.getByRole('button', { name: 'Another large mail' }).click();
  await app.getByRole('dialog').getByRole('button', { name: 'Dismiss' }).click();
  // The first dialog fades out while the question comes.
  const question = app.getByRole('dialog', { name: 'Dismiss this mail?' });
  await question.getByRole('button', { name: 'Dismiss', exact: true }).click();
  await page.getByRole('alert').getByText('The mail is dismissed').waitFor();
  await app.locator('tbody').getByText('Dismissed').waitFor();
  assert.equal((await call('connections.get', { id })).status, 'polling');
});

test('all mail that a connection gave up becomes issues at once, when it may', async (t) => {
  const subjects = ['First large mail', 'Second large mail', 'Third large mail'];
  for (const subject of subjects) deliver('invoices@letterbox.test', subject, 1_100_000);
  const id = await polled('Invoices', 'invoices@letterbox.test', { largestMailMb: 1 });
  const { app, page } = await openSite(t, browser, host, 'Connections');
  await app.getByRole('link', { name: 'Invoices', exact: true }).click();
  await app.getByText('3 messages are in quarantine').waitFor();
  await app
    .getByRole('button', { name: 'Show the quarantine' })
    .or(app.getByText('Show the quarantine'))
    .first()
    .click();
  await until(async () => {
    const shown = await app.locator('tbody tr td:nth-child(3)').allInnerTexts();
    assert.deepEqual(shown.sort(), [...subjects].sort());
  });

  const { version } = await call('connections.get', { id });
  await call('connections.update', { id, version, settings: settings('Invoices', 'invoices@letterbox.test') });
  await app.getByRole('button', { name: 'Reprocess all' }).click();
  await page.getByRole('alert').getByText('3 mails are tried again now').waitFor();
  await app.getByRole('heading', { name: 'Nothing fits these filters' }).waitFor({ timeout: 60_000 });

  await pick(app, 'Result', 'Issue created');
  await until(async () => {
    const shown = await app.locator('tbody tr td:nth-child(3)').allInnerTexts();
    assert.deepEqual(shown.sort(), [...subjects].sort());
  });
  assert.equal((await call('connections.get', { id })).status, 'polling');
});

test('a text finds the mail whose sender, subject or issue it names', async (t) => {
  deliver('orders@letterbox.test', 'Order 4711 has not arrived');
  deliver('orders@letterbox.test', 'Order 4712 has not arrived');
  await polled('Orders', 'orders@letterbox.test');
  const { app } = await openSite(t, browser, host, 'Activity');
  await app.getByRole('searchbox', { name: 'Text' }).fill('4711 KIM');
  await until(async () => {
    assert.deepEqual(await app.locator('tbody tr td:nth-child(3)').allInnerTexts(), ['Order 4711 has not arrived']);
  });
});
