import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, FrameLocator } from 'playwright-core';
import { type LocalHost, startLocalHost } from '../emulator/local/local-host';
import { mailPassword } from '../emulator/mail-server/mail-server';
import { launchBrowser } from './support/browser-page';
import { openSite } from './support/site';
import { choose, names, pick, until } from './support/steps';

/** The whole product in a browser, while the storage's queries are an hour behind. */
let browser: Browser;
let host: LocalHost;
before(async () => {
  const platform = { queryLagMs: 3_600_000 };
  [browser, host] = await Promise.all([launchBrowser(), startLocalHost({ searchLagMs: 0, start: false, platform })]);
});
after(async () => {
  await browser?.close();
  await host?.close();
});

async function fillForm(app: FrameLocator, name: string): Promise<void> {
  await app.getByRole('button', { name: 'Add connection' }).click();
  await app.getByRole('textbox', { name: 'Name' }).first().fill(name);
  await app.getByRole('textbox', { name: 'Host' }).fill('localhost');
  await app.getByRole('spinbutton', { name: 'Port' }).fill(String(host.mail.ports.imaps));
  await app.getByRole('textbox', { name: 'Username' }).fill('support@letterbox.test');
  await app.getByLabel('Password').fill(mailPassword);
  await app.getByRole('textbox', { name: 'Private CA' }).fill(host.mail.ca);
  await pick(app, 'Project', 'SUP', /\(SUP\)$/);
  await pick(app, 'Issue type', 'Task', 'Task');
}
const toList = (app: FrameLocator) => app.getByRole('link', { name: 'Incoming connections' }).click();
const shows = (app: FrameLocator, expected: string[]) =>
  until(async () => assert.deepEqual(await names(app), expected));

test('the list has what was added, enabled, renamed and deleted; of two that add one name, one is told so', async (t) => {
  const first = await openSite(t, browser, host, 'Connections');
  const second = await openSite(t, browser, host, 'Connections');
  await fillForm(first.app, 'Support');
  await fillForm(second.app, 'SUPPORT');
  await first.app.getByRole('button', { name: 'Save' }).click();
  await first.page.getByRole('alert').getByText('Support is saved').waitFor();
  await second.app.getByRole('button', { name: 'Save' }).click();
  await second.app.getByText('Another connection has this name. Choose a different one.').first().waitFor();
  assert.equal(await second.app.getByRole('textbox', { name: 'Name' }).first().getAttribute('aria-invalid'), 'true');
  await second.app.getByRole('textbox', { name: 'Name' }).first().fill('Sales');
  await second.app.getByRole('button', { name: 'Save' }).click();
  await second.page.getByRole('alert').getByText('Sales is saved').waitFor();

  const { app, page } = first;
  await toList(app);
  await shows(app, ['Support']);
  await choose(app, 'Support', 'Enable');
  await app.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
  await app.getByRole('row', { name: /Support.*Polling/ }).waitFor();

  await choose(app, 'Support', 'Edit');
  await app.getByRole('textbox', { name: 'Name' }).first().fill('Aid');
  await app.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('Aid is saved').waitFor();
  await toList(app);
  await shows(app, ['Aid']);
  await choose(app, 'Aid', 'Duplicate');
  await page.getByRole('alert').getByText('Aid (copy)').waitFor();
  await app.getByRole('button', { name: 'Cancel' }).click();
  await toList(app);
  await choose(app, 'Aid', 'Duplicate');
  await page.getByRole('alert').getByText('Aid (copy 2)').waitFor();
  await app.getByRole('button', { name: 'Cancel' }).click();
  await toList(app);
  await shows(app, ['Aid', 'Aid (copy 2)', 'Aid (copy)']);

  await choose(app, 'Aid (copy)', 'Delete');
  await app.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await shows(app, ['Aid', 'Aid (copy 2)']);
  // An hour later the queries know it all.
  await host.forge.advance(3_600);
  await shows(app, ['Aid', 'Aid (copy 2)', 'Sales']);
});

test('so do the lists of credentials', async (t) => {
  const { app, page } = await openSite(t, browser, host, 'OAuth2 credentials');
  await app.getByRole('button', { name: 'Add credential' }).click();
  await app.getByRole('textbox', { name: 'Name' }).fill('Our client');
  await app.getByRole('textbox', { name: 'Client ID' }).fill('1-x.apps.googleusercontent.com');
  await app.getByLabel('Client secret').fill('secret');
  await app.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('Our client is saved').waitFor();
  await until(async () => assert.ok((await names(app)).includes('Our client')));
  await choose(app, 'Our client', 'Delete');
  await app.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await until(async () => assert.ok(!(await names(app)).includes('Our client')));
});
