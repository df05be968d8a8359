import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser, FrameLocator } from 'playwright-core';
import { type LocalHost, startLocalHost } from '../emulator/local/local-host';
import { demoApplications } from '../emulator/local/providers';
import { mailPassword } from '../emulator/mail-server/mail-server';
import { launchBrowser } from './support/browser-page';
import { leaveBy, openSite, type Site } from './support/site';
import { choose, names, pick, until } from './support/steps';

/** Outgoing connections in a browser, from Add to a received test mail, with the unmodified app and gateway. */

let browser: Browser;
let host: LocalHost;
before(async () => {
  [browser, host] = await Promise.all([launchBrowser(), startLocalHost({ searchLagMs: 0, build: true })]);
});
after(async () => {
  await browser?.close();
  await host?.close();
});

const open = (t: TestContext) => openSite(t, browser, host, 'outgoing/connections');
const submitter = 'support@letterbox.test';

/** Opens the form and fills it in for the local mail server. */
async function fillForm({ app }: Site, name: string): Promise<void> {
  await app.getByRole('button', { name: 'Add connection' }).click();
  await app.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await app.getByRole('textbox', { name: 'From name' }).fill('Häuser & Söhne, Support');
  await app.getByRole('textbox', { name: 'From email address' }).fill(submitter);
  await app.getByRole('textbox', { name: 'Email prefix' }).fill('[Support]');
  await app.getByRole('textbox', { name: 'Host' }).fill('localhost');
  await app.getByRole('spinbutton', { name: 'Port' }).fill(String(host.mail.ports.smtps));
  await app.getByRole('textbox', { name: 'Username' }).fill(submitter);
  await app.getByLabel('Password').fill(mailPassword);
  await app.getByRole('textbox', { name: 'Private CA' }).fill(host.mail.ca);
}

async function save({ app, page }: Site, name: string): Promise<void> {
  await app.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText(`${name} is saved`).waitFor();
}

/** Adds a connection by the app's own function: for tests of what comes after. */
async function addConnection(name: string, change: Record<string, unknown> = {}, password = mailPassword) {
  const settings = {
    provider: 'smtp',
    name,
    fromAddress: submitter,
    host: 'localhost',
    port: host.mail.ports.smtps,
    username: submitter,
    privateCa: host.mail.ca,
    ...change,
  };
  const payload = { settings, password };
  const result = await host.forge.invoke({
    module: 'letterbox-admin',
    functionKey: 'outgoing.create',
    payload,
    accountId: 'admin',
  });
  assert.ok(result.ok, JSON.stringify(result));
}

/** Sends the test email from the row's menu. */
async function sendTest(app: FrameLocator, name: string, to: string): Promise<void> {
  await choose(app, name, 'Send test email');
  await app.getByRole('textbox', { name: 'To' }).fill(to);
  await app.getByRole('button', { name: 'Send', exact: true }).click();
}

const received = (to: string) => host.mail.sent().filter(({ envelope }) => envelope.to.includes(to));

test('an administrator adds an SMTP server, tests it, enables it, and a test email arrives', async (t) => {
  const site = await open(t);
  const { app, page, context } = site;
  await fillForm(site, 'Main sender');
  await pick(app, 'Default for projects', 'SUP', /\(SUP\)$/);
  await app.getByRole('button', { name: 'Test connection' }).click();
  await app.getByRole('heading', { name: 'The connection works' }).waitFor();
  for (const step of ['Look up the host name', 'Connect', 'Secure the connection', 'Sign in'])
    await app.getByRole('listitem').filter({ hasText: step }).first().waitFor();
  assert.equal(await app.getByText('Open the folder').count(), 0);
  await save(site, 'Main sender');

  const row = app.getByRole('row').filter({ hasText: 'Main sender' });
  for (const text of ['Disabled', 'SMTP', 'localhost', `Häuser & Söhne, Support <${submitter}>`, '1 project'])
    await row.getByText(text, { exact: true }).waitFor();
  await choose(app, 'Main sender', 'Enable');
  await row.getByText('Enabled', { exact: true }).waitFor();

  assert.equal(received('boss@elsewhere.example').length, 0);
  await sendTest(app, 'Main sender', 'boss@elsewhere.example');
  await app.getByText('The server took the test email to boss@elsewhere.example').waitFor();
  await app.getByText(/2\.0\.0 Ok: queued as/).waitFor();
  const [mail] = received('boss@elsewhere.example');
  assert.deepEqual(mail?.envelope, { from: submitter, to: ['boss@elsewhere.example'] });
  assert.match(mail?.raw ?? '', /^Subject: \[Support\] Test mail of Letterbox$/m);

  const outside = await context.newPage();
  await outside.goto(`${host.url}/outgoing`);
  await outside.getByText('[Support] Test mail of Letterbox (').click();
  await outside.getByText(`Häuser & Söhne, Support <${submitter}>`).waitFor();
  await outside.getByText('sent through the connection “Main sender”').first().waitFor();
  await outside.getByText('Raw', { exact: true }).click();
  await outside.getByText('From: =?UTF-8?').waitFor();
  await page.bringToFront();
});

test('with Debug on the protocol is shown, without the password', async (t) => {
  await addConnection('Debugged');
  const { app } = await open(t);
  await sendTest(app, 'Debugged', 'first@elsewhere.example');
  await app.getByText('To see the protocol, choose').waitFor();
  await app.getByRole('button', { name: 'Close', exact: true }).last().click();

  await choose(app, 'Debugged', 'Debug for 15 minutes');
  await app.getByRole('row').filter({ hasText: 'Debugged' }).getByText('Debug', { exact: true }).waitFor();
  await sendTest(app, 'Debugged', 'second@elsewhere.example');
  const protocol = app.getByRole('region', { name: 'Protocol' });
  await protocol.getByText('RCPT TO:<second@elsewhere.example>').waitFor();
  const shown = await protocol.innerText();
  assert.match(shown, /MAIL FROM:<support@/);
  assert.ok(!shown.includes(mailPassword), shown);
  await app.getByRole('button', { name: 'Close', exact: true }).last().click();
  await choose(app, 'Debugged', 'Stop debugging');
  await until(async () => assert.equal(await app.getByText('Debug', { exact: true }).count(), 0));
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
] as const) {
  test(`${what}: the test names the step, and nothing is stored`, async (t) => {
    const site = await open(t);
    await fillForm(site, `With ${what}`);
    await change(site.app);
    await site.app.getByRole('button', { name: 'Test connection' }).click();
    await site.app.getByRole('heading', { name: `The test stopped at: ${step}` }).waitFor({ timeout: 30_000 });
    await site.app.getByRole('button', { name: 'Cancel' }).click();
    await site.app.getByRole('button', { name: 'Leave without saving' }).click();
    await site.app.getByRole('heading', { name: 'Outgoing connections' }).waitFor();
    assert.equal(await site.app.getByText(`With ${what}`).count(), 0);
  });
}

test('a test email that is refused says why, in our words and the server’s', async (t) => {
  await addConnection('Locked out', {}, 'wrong');
  const { app } = await open(t);
  await sendTest(app, 'Locked out', 'nobody@elsewhere.example');
  const dialog = app.getByRole('dialog');
  await dialog.getByText('The test email did not go through').waitFor();
  await dialog.getByText('sign-in-failed').waitFor();
  await dialog.getByText(/The server said: “.*5\.7\.8/).waitFor();
  assert.equal(received('nobody@elsewhere.example').length, 0);

  await dialog.getByRole('textbox', { name: 'To' }).fill('no address');
  await dialog.getByRole('button', { name: 'Send', exact: true }).click();
  await dialog.getByText('Enter an email address such as support@example.com.').waitFor();
});

test('the form tells what is missing or wrong, and the port follows the encryption until it is edited', async (t) => {
  const site = await open(t);
  const { app } = site;
  await app.getByRole('button', { name: 'Add connection' }).click();
  const port = app.getByRole('spinbutton', { name: 'Port' });
  assert.equal(await port.inputValue(), '465');
  await pick(app, 'Encryption', 'STARTTLS');
  assert.equal(await port.inputValue(), '587');
  await port.fill('2587');
  await pick(app, 'Encryption', 'None');
  assert.equal(await port.inputValue(), '2587');
  await app.getByText('Password and mail travel unprotected').waitFor();

  await app.getByRole('textbox', { name: 'From email address' }).fill('Kim <kim@example.com>');
  await app.getByRole('textbox', { name: 'Username' }).fill('kim');
  await app.getByRole('button', { name: 'Save' }).click();
  for (const text of ['Enter a name.', 'Enter an email address such as', 'Enter the host name', 'Enter the password.'])
    await app.getByText(text).waitFor();
  // Without a user name no password is asked for.
  await app.getByRole('textbox', { name: 'Username' }).fill('');
  await app.getByText('Enter the password.').waitFor({ state: 'detached' });
});

test('a copy, its name, a search and a deletion', async (t) => {
  await addConnection('Rare bird', { description: 'For the aviary' });
  const site = await open(t);
  const { app, page } = site;
  await choose(app, 'Rare bird', 'Duplicate');
  await page.getByRole('alert').getByText('Rare bird (copy) was created as a disabled copy').waitFor();
  await app.getByRole('button', { name: 'Save' }).click();
  await app.getByRole('button', { name: 'Actions for Rare bird (copy)' }).waitFor();
  await app.getByLabel('Search connections').fill('aviary');
  await until(async () => assert.deepEqual(await names(app), ['Rare bird', 'Rare bird (copy)']));
  await choose(app, 'Rare bird (copy)', 'Delete');
  await app.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await until(async () => assert.deepEqual(await names(app), ['Rare bird']));
});

/** Enters one of the registered applications by the app's own function. */
async function enterCredential(name: (typeof demoApplications)[number]['name']): Promise<void> {
  const demo = demoApplications.find((one) => one.name === name);
  assert.ok(demo);
  const { provider, clientId, clientSecret, tenant } = demo;
  const settings =
    provider === 'google'
      ? { provider, name, clientId }
      : { provider, name, clientId, tenant, grant: tenant === 'common' ? 'authorization-code' : 'client-credentials' };
  await host.forge.invoke({
    module: 'letterbox-admin',
    functionKey: 'credentials.create',
    payload: { settings, clientSecret },
    accountId: 'admin',
  });
}

async function signIn(site: Site, address: string): Promise<void> {
  const { app } = site;
  const tab = await leaveBy(site, () => app.getByRole('button', { name: 'Authorize', exact: true }).click());
  await tab.getByRole('radio', { name: address }).check();
  await tab.getByRole('button', { name: 'Allow' }).click();
  await tab.getByText('You can close this window').waitFor();
  await tab.close();
  await app.getByRole('button', { name: `Use ${address}` }).click();
  await app.getByText(`Authorized as ${address}`).waitFor();
}

for (const [name, provider, credential, address] of [
  ['Outlook sender', 'Microsoft 365 SMTP (OAuth2)', 'Demo Microsoft (delegated)', 'support@contoso.example'],
  ['Gmail sender', 'Google OAuth2', 'Demo Google', 'support@gmail.example'],
  ['Exchange sender', 'Microsoft 365 Graph API (OAuth2)', 'Demo Microsoft (delegated)', 'support@contoso.example'],
] as const) {
  test(`${provider}: from Authorize to a received test email`, async (t) => {
    await enterCredential(credential);
    const site = await open(t);
    const { app } = site;
    await app.getByRole('button', { name: 'Add connection' }).click();
    await app.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
    await pick(app, 'Service provider', provider);
    await pick(app, 'OAuth2 credential', credential);
    await signIn(site, address);
    await app.getByRole('heading', { name: 'The connection works' }).waitFor();
    assert.equal(await app.getByRole('textbox', { name: 'From email address' }).inputValue(), address);
    await save(site, name);
    await choose(app, name, 'Enable');
    const to = `${name.split(' ')[0]?.toLowerCase()}@elsewhere.example`;
    await sendTest(app, name, to);
    await app.getByText(`The server took the test email to ${to}`).waitFor();
    assert.equal(received(to)[0]?.envelope.from, address);
  });
}

test('an application of Microsoft sends without a sign-in, once its mailbox is named', async (t) => {
  await enterCredential('Demo Microsoft (application)');
  const site = await open(t);
  const { app } = site;
  await app.getByRole('button', { name: 'Add connection' }).click();
  await app.getByRole('textbox', { name: 'Name', exact: true }).fill('Application');
  await app.getByRole('textbox', { name: 'From email address' }).fill('maria@contoso.example');
  await pick(app, 'Service provider', 'Microsoft 365 Graph API (OAuth2)');
  await pick(app, 'OAuth2 credential', 'Demo Microsoft (application)');
  assert.equal(await app.getByRole('button', { name: 'Authorize' }).count(), 0);
  await app.getByRole('textbox', { name: 'Username' }).fill('maria@contoso.example');
  await app.getByRole('textbox', { name: 'Username' }).blur();
  await app.getByRole('heading', { name: 'The connection works' }).waitFor();
  await save(site, 'Application');
  await sendTest(app, 'Application', 'application@elsewhere.example');
  await app.getByText('The server took the test email to application@elsewhere.example').waitFor();
  assert.equal(received('application@elsewhere.example')[0]?.envelope.from, 'maria@contoso.example');
});
