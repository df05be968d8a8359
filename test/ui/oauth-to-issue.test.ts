import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { type LocalHost, startLocalHost } from '../emulator/local/local-host';
import { demoApplications, sharedMailbox } from '../emulator/local/providers';
import { sendSamples } from '../emulator/local/sample-mail';
import { launchBrowser } from './support/browser-page';
import { leaveBy, openSite, type Site } from './support/site';
import { choose, names, pick, until } from './support/steps';

/** From an application registered at Google or Microsoft to the first issue, in a browser, with the unmodified app. */

let browser: Browser;
let host: LocalHost;
before(async () => {
  [browser, host] = await Promise.all([launchBrowser(), startLocalHost({ searchLagMs: 0, build: true })]);
});
after(async () => {
  await browser?.close();
  await host?.close();
});

type Application = (typeof demoApplications)[number]['name'];
const open = (t: TestContext, item: string) => openSite(t, browser, host, item);

/** Enters one of the registered applications, unless that was done before. */
async function enterCredential(t: TestContext, name: Application): Promise<void> {
  const { app, page } = await open(t, 'OAuth2 credentials');
  await app.getByRole('heading', { name: 'OAuth2 credentials' }).waitFor();
  await app.getByRole('button', { name: 'Add credential' }).waitFor();
  if ((await app.getByText(name, { exact: true }).count()) > 0) return;
  const demo = demoApplications.find((one) => one.name === name);
  assert.ok(demo);
  await app.getByRole('button', { name: 'Add credential' }).click();
  await app.getByRole('textbox', { name: 'Name' }).fill(name);
  if (demo.provider === 'microsoft') {
    await pick(app, 'Provider', 'Microsoft');
    if (demo.tenant !== 'common') await pick(app, 'Grant type', 'Client credentials (the application itself)');
    await app.getByRole('textbox', { name: 'Tenant' }).fill(demo.tenant);
  }
  await app.getByRole('textbox', { name: 'Client ID' }).fill(demo.clientId);
  await app.getByLabel('Client secret').fill(demo.clientSecret);
  await app.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText(`${name} is saved`).waitFor();
}

async function newConnection(t: TestContext, name: string, provider: string, credential: Application): Promise<Site> {
  await enterCredential(t, credential);
  const site = await open(t, 'Connections');
  const { app } = site;
  await app.getByRole('button', { name: 'Add connection' }).click();
  await app.getByRole('textbox', { name: 'Name' }).first().fill(name);
  await pick(app, 'Service provider', provider);
  await pick(app, 'OAuth2 credential', credential);
  return site;
}

/** Presses Authorize, and gives the provider's page in its new tab. */
async function authorize(site: Site): Promise<Page> {
  const tab = await leaveBy(site, () => site.app.getByRole('button', { name: 'Authorize', exact: true }).click());
  await tab.getByRole('button', { name: 'Allow' }).waitFor();
  return tab;
}

async function signIn(site: Site, address: string): Promise<void> {
  const tab = await authorize(site);
  await tab.getByRole('radio', { name: address }).check();
  await tab.getByRole('button', { name: 'Allow' }).click();
  await tab.getByText('You can close this window').waitFor();
  await tab.close();
  await site.app.getByText(`${address} signed in`).waitFor();
}

async function saveAndEnable({ app, page }: Site, name: string): Promise<void> {
  await pick(app, 'Project', 'SUP', /\(SUP\)$/);
  await pick(app, 'Issue type', 'Task');
  await app.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText(`${name} is saved`).waitFor();
  await app.getByRole('button', { name: 'Enable', exact: true }).click();
  await app.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
  await page.getByRole('alert').getByText(`${name} is enabled`).waitFor();
}

const summaries = () => host.jira.state.all().map(({ summary }) => summary);

/** Sends a sample over SMTP, polls from the connection's page, and waits for its issue. */
async function becomesIssue({ app }: Site, to: string, expected: string): Promise<void> {
  const count = () => summaries().filter((summary) => summary === expected).length;
  const before = count();
  await sendSamples('plain', to, { port: host.mail.ports.smtp, ca: host.mail.ca });
  await app.getByRole('button', { name: 'Poll now' }).click();
  await until(() => assert.equal(count(), before + 1), 60_000);
}

const plain = 'The printer on floor 3 does not print';

for (const [name, provider, credential, address] of [
  ['Gmail', 'Google OAuth2', 'Demo Google', 'support@gmail.example'],
  ['IMAP at Microsoft', 'Microsoft 365 IMAP (OAuth2)', 'Demo Microsoft (delegated)', 'maria@contoso.example'],
  ['Exchange', 'Microsoft 365 Graph API (OAuth2)', 'Demo Microsoft (delegated)', 'support@contoso.example'],
] as const) {
  test(`${provider}: from Authorize to the first issue`, async (t) => {
    const site = await newConnection(t, name, provider, credential);
    const { app } = site;
    await signIn(site, address);
    await app.getByRole('button', { name: `Use ${address}` }).click();
    await app.getByText(`Authorized as ${address}`).waitFor();
    await app.getByRole('heading', { name: 'The connection works' }).waitFor();

    await app.getByRole('combobox', { name: 'Folder' }).press('ArrowDown');
    await app.getByRole('option').first().waitFor();
    await app.getByRole('combobox', { name: 'Folder' }).press('Escape');

    await saveAndEnable(site, name);
    await until(async () => assert.ok((await app.getByText(provider, { exact: true }).count()) > 0));
    await becomesIssue(site, address, plain);
  });
}

test('an application of Microsoft needs no sign-in: its access is checked as soon as the mailbox is named', async (t) => {
  const site = await newConnection(
    t,
    'Application',
    'Microsoft 365 Graph API (OAuth2)',
    'Demo Microsoft (application)',
  );
  const { app } = site;
  assert.equal(await app.getByRole('button', { name: 'Authorize' }).count(), 0);
  const username = app.getByRole('textbox', { name: 'Username' });
  await username.fill('nobody@contoso.example');
  await username.blur();
  await app.getByRole('heading', { name: /The test stopped at/ }).waitFor();
  await username.fill('maria@contoso.example');
  await username.blur();
  await app.getByRole('heading', { name: 'The connection works' }).waitFor();
  await saveAndEnable(site, 'Application');
  await becomesIssue(site, 'maria@contoso.example', plain);
});

test('a shared mailbox is read by the account that may open it', async (t) => {
  const site = await newConnection(t, 'Team', 'Microsoft 365 Graph API (OAuth2)', 'Demo Microsoft (delegated)');
  const { app } = site;
  await app.getByRole('checkbox', { name: 'Use a shared mailbox' }).check();
  await app.getByRole('textbox', { name: 'Address of the shared mailbox' }).fill(sharedMailbox.address);
  await signIn(site, sharedMailbox.openTo);
  await app.getByRole('button', { name: `Use ${sharedMailbox.openTo}` }).click();
  await app.getByRole('heading', { name: 'The connection works' }).waitFor();
  await saveAndEnable(site, 'Team');
  await becomesIssue(site, sharedMailbox.address, plain);
});

test('a sign-in that is cancelled says so, and can be tried again', async (t) => {
  const site = await newConnection(t, 'Cancelled', 'Google OAuth2', 'Demo Google');
  const { app } = site;
  const tab = await authorize(site);
  await app.getByText('Sign in at Google, in the new tab').waitFor();
  await tab.getByRole('button', { name: 'Cancel' }).click();
  await tab.getByText('That did not work').waitFor();
  await app.getByText('The mailbox was not authorized').waitFor();
  await signIn(site, 'support@gmail.example');
});

test('a person who declines to leave is told what to do, and nothing waits for a sign-in', async (t) => {
  const site = await newConnection(t, 'Declined', 'Google OAuth2', 'Demo Google');
  const { app, page } = site;
  await app.getByRole('button', { name: 'Authorize', exact: true }).click();
  await page.getByRole('dialog', { name: "You're leaving Jira" }).getByRole('button', { name: 'Cancel' }).click();
  await app.getByText('The sign-in was not opened').waitFor();
  await app.getByText('choose Continue').waitFor();
  assert.equal(await app.getByText('This page goes on by itself').count(), 0);
  const tab = await leaveBy(site, () => app.getByRole('button', { name: 'Open the sign-in again' }).click());
  await tab.getByRole('radio', { name: 'maria@gmail.example' }).check();
  await tab.getByRole('button', { name: 'Allow' }).click();
  await app.getByText('maria@gmail.example signed in').waitFor();
});

test('a link of a guide asks before it leaves; who declines gets the address to open by hand', async (t) => {
  const { app, page } = await open(t, 'OAuth2 credentials');
  await app.getByRole('button', { name: 'Add credential' }).first().click();
  const link = app.getByRole('complementary').getByRole('link').first();
  const address = await link.getAttribute('href');
  await link.click();
  await page.getByRole('dialog', { name: "You're leaving Jira" }).getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await app.getByRole('textbox', { name: 'Address to open' }).inputValue(), address);
});

test('a mailbox that was not confirmed is not used', async (t) => {
  const site = await newConnection(t, 'Unconfirmed', 'Google OAuth2', 'Demo Google');
  const { app } = site;
  await signIn(site, 'maria@gmail.example');
  await pick(app, 'Project', 'SUP', /\(SUP\)$/);
  await pick(app, 'Issue type', 'Task');
  await app.getByRole('button', { name: 'Save' }).click();
  await app.getByText('Authorize access to the mailbox first.').waitFor();
  const tab = await leaveBy(site, () => app.getByRole('button', { name: 'Choose another account' }).click());
  await tab.close();
  await app.getByText('Sign in at Google, in the new tab').waitFor();
  await signIn(site, 'support@gmail.example');
  await app.getByRole('button', { name: 'Use support@gmail.example' }).click();
  await app.getByText('Authorized as support@gmail.example').waitFor();
});

test('authorizing anew keeps the place in the mailbox, and another account is told apart', async (t) => {
  const before = summaries().length;
  const site = await open(t, 'Connections');
  const { app, page } = site;
  await choose(app, 'Gmail', 'Edit');
  const tab = await leaveBy(site, () => app.getByRole('button', { name: 'Authorize again' }).click());
  await tab.getByRole('radio', { name: 'maria@gmail.example' }).check();
  await tab.getByRole('button', { name: 'Allow' }).click();
  await app.getByText('So far this connection reads support@gmail.example.').waitFor();
  const again = await leaveBy(site, () => app.getByRole('button', { name: 'Choose another account' }).click());
  await again.getByRole('button', { name: 'Allow' }).click();
  await app.getByRole('button', { name: 'Use support@gmail.example' }).click();
  await app.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('Gmail is saved').waitFor();
  await becomesIssue(site, 'support@gmail.example', plain);
  assert.equal(summaries().length, before + 1);
});

test('a copy has no access of its own, and says so', async (t) => {
  const { app, page } = await open(t, 'Connections');
  await choose(app, 'Gmail', 'Duplicate');
  await page.getByRole('alert').getByText('It has no access yet: authorize it before you enable it.').waitFor();
  await app.getByRole('button', { name: 'Authorize', exact: true }).waitFor();
  await app.getByRole('button', { name: 'Save' }).click();
  await app.getByText('Authorize access to the mailbox first.').waitFor();
});

test('a credential that is in use can not be deleted; one that is not can, after a question', async (t) => {
  const { app, page } = await open(t, 'OAuth2 credentials');
  const remove = async (name: string) => {
    await choose(app, name, 'Delete');
    await app.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  };
  await remove('Demo Google');
  await page.getByRole('alert').getByText('Demo Google could not be deleted').waitFor();
  await page
    .getByRole('alert')
    .getByText(/is used by “Gmail”/)
    .waitFor();

  await app.getByRole('button', { name: 'Add credential' }).click();
  await app.getByRole('textbox', { name: 'Name' }).fill('Not used');
  await app.getByRole('textbox', { name: 'Client ID' }).fill('any');
  await app.getByLabel('Client secret').fill('any');
  await app.getByLabel('Secret expires on').fill('2020-01-31');
  await app.getByRole('button', { name: 'Save' }).click();
  await app.getByText('Expired 2020-01-31').waitFor();
  await remove('Not used');
  await page.getByRole('alert').getByText('Not used is deleted').waitFor();
  await until(async () => assert.equal((await names(app)).includes('Not used'), false));
});

test('the list of credentials is searched, by the connections that use them too', async (t) => {
  const { app } = await open(t, 'OAuth2 credentials');
  const search = app.getByLabel('Search credentials');
  const found = (expected: string[]) => until(async () => assert.deepEqual(await names(app), expected));
  await search.fill('demo delegated');
  await found(['Demo Microsoft (delegated)']);
  await search.fill('gmail');
  await found(['Demo Google']);
  await search.fill('nothing like it');
  await app.getByText('No credential matches “nothing like it”.').waitFor();
});

test('the form shows the callback URL that was registered, and never the secret', async (t) => {
  const { app } = await open(t, 'OAuth2 credentials');
  await choose(app, 'Demo Microsoft (application)', 'Edit');
  assert.equal(await app.getByLabel('Client secret').inputValue(), '');
  assert.match(await app.getByLabel('Token endpoint').first().inputValue(), /microsoftonline\.com\/contoso\.example\//);
  assert.equal(await hasCallback(app), 0);
  await app.getByRole('button', { name: 'Cancel' }).click();
  await app.getByRole('link', { name: 'Demo Google', exact: true }).click();
  const callback = await app.getByLabel('Callback URL').first().inputValue();
  assert.ok(callback.startsWith(`${host.url}/public/`), callback);
});

const hasCallback = (app: FrameLocator) => app.getByLabel('Callback URL').count();

test('every host that was asked is listed in the manifest', () => {
  const asked = Object.keys(host.forge.usage().egress).filter((target) => target.includes('.'));
  assert.deepEqual(asked.sort(), [
    'gmail.googleapis.com',
    'graph.microsoft.com',
    'login.microsoftonline.com',
    'oauth2.googleapis.com',
  ]);
});
