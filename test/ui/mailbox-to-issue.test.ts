import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { type LocalHost, startLocalHost } from '../emulator/local/local-host';
import { mailPassword } from '../emulator/mail-server/mail-server';
import { launchBrowser } from './support/browser-page';
import { choose, names, pick, until } from './support/steps';

/** The whole product in a browser: the unmodified app, gateway, page and a real mail server behind it. */

let browser: Browser;
let host: LocalHost;
before(async () => {
  [browser, host] = await Promise.all([launchBrowser(), startLocalHost({ searchLagMs: 0 })]);
});
after(async () => {
  await browser?.close();
  await host?.close();
});

interface Site {
  context: BrowserContext;
  page: Page;
  /** The app's page in its frame. */
  app: FrameLocator;
}

/** Opens the admin page as one of the site's users. */
async function openSite(t: { after: (close: () => Promise<void>) => void }, user = 'admin'): Promise<Site> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  t.after(() => context.close());
  await context.addCookies([{ name: 'letterbox-user', value: user, url: host.url }]);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`${host.url}/jira/settings/apps`);
  return { context, page, app: page.frameLocator('iframe#app') };
}

/** Opens the form and fills it in for a mailbox of the local mail server. */
async function fillForm({ app }: Site, name: string, username: string): Promise<void> {
  await app.getByRole('button', { name: 'Add connection' }).click();
  await app.getByRole('textbox', { name: 'Name' }).first().fill(name);
  await app.getByRole('textbox', { name: 'Host' }).fill('localhost');
  await app.getByRole('spinbutton', { name: 'Port' }).fill(String(host.mail.ports.imaps));
  await app.getByRole('textbox', { name: 'Username' }).fill(username);
  await app.getByLabel('Password').fill(mailPassword);
  await app.getByRole('textbox', { name: 'Private CA' }).fill(host.mail.ca);
}

function deliver(to: string, subject: string): void {
  const raw = `From: Kim <kim@example.com>\r\nTo: ${to}\r\nSubject: ${subject}\r\nMessage-ID: <${subject.replaceAll(' ', '.')}@example.com>\r\nDate: Fri, 20 Nov 2026 08:00:00 +0000\r\n\r\nHello,\r\n\r\nit does not print.\r\n`;
  host.mail.deliver({ from: 'kim@example.com', recipients: [to], raw: Buffer.from(raw) });
}

test('an administrator adds a mailbox, tests it, enables it, and a mail becomes an issue', async (t) => {
  const site = await openSite(t);
  const { app, page, context } = site;
  await fillForm(site, 'Support inbox', 'support@letterbox.test');

  await app.getByRole('button', { name: 'Test connection' }).click();
  await app.getByRole('heading', { name: 'The connection works' }).waitFor();
  for (const step of ['Look up the host name', 'Connect', 'Secure the connection', 'Sign in', 'Open the folder']) {
    await app.getByRole('listitem').filter({ hasText: step }).first().waitFor();
  }

  await pick(app, 'Project', 'SUP', /\(SUP\)$/);
  await pick(app, 'Issue type', 'Task', 'Task');
  await app.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('Support inbox is saved').waitFor();
  await app.getByText('Disabled', { exact: true }).waitFor();

  await app.getByRole('button', { name: 'Enable' }).click();
  await app.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
  await app.getByText('Polling', { exact: true }).waitFor();

  deliver('support@letterbox.test', 'The printer on floor 3');
  await app.getByRole('button', { name: 'Poll now' }).click();
  await page.getByRole('alert').getByText('Support inbox was polled').waitFor({ timeout: 60_000 });

  const issues = await context.newPage();
  await until(async () => {
    await issues.goto(`${host.url}/jira/projects/SUP`);
    await issues.getByText('The printer on floor 3').first().waitFor({ timeout: 1_000 });
  }, 60_000);
  await issues.getByText('The printer on floor 3').first().click();
  await issues.getByText('it does not print.').waitFor();
});

test('an edit that no longer reaches the mailbox is saved, but disables the connection and says why', async (t) => {
  const { app, page } = await openSite(t);
  await choose(app, 'Support inbox', 'Edit');
  await app.getByLabel('Password').fill('wrong');
  await app.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('Support inbox is saved, but disabled').waitFor();
  await app.getByText('Disabled', { exact: true }).waitFor();

  await app.getByRole('button', { name: 'Enable' }).click();
  await app.getByRole('alert').getByText('The messages could not be counted').waitFor();
  assert.ok(await app.getByRole('dialog').getByRole('button', { name: 'Enable' }).isDisabled());
});

test('mail that was there before becomes issues only when everything was asked for, and acknowledged', async (t) => {
  for (const number of [1, 2, 3]) deliver('archive@letterbox.test', `Old mail ${number}`);
  const site = await openSite(t);
  const { app } = site;
  await fillForm(site, 'Archive', 'archive@letterbox.test');
  await pick(app, 'Project', 'DEV', /\(DEV\)$/);
  await pick(app, 'Issue type', 'Task', 'Task');
  await app.getByRole('button', { name: 'Save' }).click();
  await app.getByRole('button', { name: 'Enable' }).click();
  await app.getByRole('radio', { name: /^Everything in the folder.*3 messages, counted exactly/ }).check();
  const enable = app.getByRole('dialog').getByRole('button', { name: 'Enable' });
  assert.ok(await enable.isDisabled());
  await app.getByRole('row', { name: /Old mail 1/ }).waitFor();
  await app.getByRole('checkbox', { name: /3 messages/ }).check();
  await enable.click();
  const issues = await site.context.newPage();
  await until(async () => {
    await issues.goto(`${host.url}/jira/projects/DEV`);
    for (const number of [1, 2, 3]) await issues.getByText(`Old mail ${number}`).first().waitFor({ timeout: 1_000 });
  }, 60_000);

  await app.getByRole('link', { name: 'Incoming connections' }).click();
  await app.getByLabel('Search connections').fill('archive@');
  await until(async () => assert.deepEqual(await names(app), ['Archive']));
});

for (const [what, change, step] of [
  ['a wrong password', (app: FrameLocator) => app.getByLabel('Password').fill('wrong'), 'Sign in'],
  [
    'an unknown host',
    (app: FrameLocator) => app.getByRole('textbox', { name: 'Host' }).fill('nowhere.invalid'),
    'Look up the host name',
  ],
  ['a closed port', (app: FrameLocator) => app.getByRole('spinbutton', { name: 'Port' }).fill('1'), 'Connect'],
  [
    'a certificate that nobody trusts',
    (app: FrameLocator) => app.getByRole('textbox', { name: 'Private CA' }).fill(''),
    'Secure the connection',
  ],
  ['an unknown folder', (app: FrameLocator) => pick(app, 'Folder', 'Nowhere', 'Use “Nowhere”'), 'Open the folder'],
] as const) {
  test(`${what}: the test names the step, and nothing is stored`, async (t) => {
    const site = await openSite(t);
    await fillForm(site, `With ${what}`, 'support@letterbox.test');
    await change(site.app);
    await site.app.getByRole('button', { name: 'Test connection' }).click();
    await site.app.getByRole('heading', { name: `The test stopped at: ${step}` }).waitFor({ timeout: 30_000 });
    await site.app.getByRole('button', { name: 'Cancel' }).click();
    await site.app.getByRole('button', { name: 'Leave without saving' }).click();
    await site.app.getByRole('heading', { name: 'Incoming connections' }).waitFor();
    assert.equal(await site.app.getByText(`With ${what}`).count(), 0);
  });
}

test('the form’s folders are the server’s own', async (t) => {
  const site = await openSite(t);
  await fillForm(site, 'Folders', 'support@letterbox.test');
  await site.app.getByRole('combobox', { name: 'Folder' }).focus();
  await site.page.keyboard.press('ArrowDown');
  await site.app.getByRole('option', { name: 'INBOX' }).waitFor();
});

test('a user who is no administrator gets neither the page nor an answer', async (t) => {
  const { page } = await openSite(t, 'agent');
  await page.getByRole('heading', { name: 'Only Jira administrators can open this page' }).waitFor();
  const response = await fetch(`${host.url}/_local/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      module: 'letterbox-admin',
      functionKey: 'connections.list',
      payload: {},
      accountId: 'agent',
    }),
  });
  const { ok, error } = await response.json();
  assert.deepEqual([ok, error.code], [false, 'forbidden']);
});
