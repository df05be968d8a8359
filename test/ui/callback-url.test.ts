import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type LocalHost, startLocalHost } from '../emulator/local/local-host';
import { demoApplications } from '../emulator/local/providers';
import { appCalls } from '../support/app-calls';
import { launchBrowser } from './support/browser-page';
import { leaveBy, openSite } from './support/site';
import { choose, pick } from './support/steps';

/** After a reinstallation, in a browser: the notices of the callback URL that has changed, until it is registered. */

let browser: Browser;
let host: LocalHost;
let former: string;
before(async () => {
  browser = await launchBrowser();
  host = await startLocalHost({ build: true, start: false, gateway: 'http://127.0.0.1:9' });
  const { call } = appCalls(() => host.forge);
  for (const { name, provider, clientId, clientSecret, tenant } of demoApplications.slice(0, 2)) {
    const settings = provider === 'google' ? { provider, name, clientId } : { provider, name, clientId, tenant };
    await call('credentials.create', { settings, clientSecret });
  }
  former = (await call('credentials.list', {})).callbackUrl;
});
after(async () => {
  await browser?.close();
  await host?.close();
});

const title = 'The callback URL has changed';
const open = (t: TestContext, item: string) => openSite(t, browser, host, item);

test('says nothing as long as it is the same', async (t) => {
  const { app } = await open(t, 'OAuth2 credentials');
  await app.getByRole('link', { name: 'Demo Google', exact: true }).waitFor();
  assert.equal(await app.getByText(title).count(), 0);
});

test('is told in the list and in the credential, until it is saved', async (t) => {
  await host.forge.reinstall();
  const { app, page } = await open(t, 'OAuth2 credentials');
  await app.getByRole('heading', { name: title }).waitFor();
  await app.getByText('Demo Google, Demo Microsoft (delegated).').waitFor();
  await app.getByText(former).waitFor();
  const callback = app.getByRole('textbox', { name: 'New callback URL' });
  const current = await callback.inputValue();
  assert.notEqual(current, former);

  await choose(app, 'Demo Microsoft (delegated)', 'Edit');
  await app.getByText('Then save this credential').waitFor();
  assert.equal(await callback.inputValue(), current);
  await app.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('Demo Microsoft (delegated) is saved').waitFor();
  await app.getByText('each credential that it is registered for: Demo Google.').waitFor();
});

test('is told where somebody authorizes, and goes once somebody has come back over the new one', async (t) => {
  const site = await open(t, 'Connections');
  const { app } = site;
  await app.getByRole('button', { name: 'Add connection' }).first().click();
  await pick(app, 'Service provider', 'Google OAuth2');
  await pick(app, 'OAuth2 credential', 'Demo Google');
  await app.getByRole('heading', { name: title }).waitFor();
  await app.getByText('Then authorize.').waitFor();

  const button = app.getByRole('button', { name: 'Authorize', exact: true });
  const refused = await leaveBy(site, () => button.click());
  await refused.getByText('redirect_uri').waitFor();
  await refused.close();
  await app.getByRole('button', { name: 'Cancel' }).first().click();

  await host.registerCallback();
  const tab = await leaveBy(site, () => button.click());
  await tab.getByRole('button', { name: 'Allow' }).click();
  await tab.getByText('You can close this window').waitFor();
  await app.getByRole('button', { name: /^Use / }).click();
  await app.getByText('Authorized as').waitFor();
  await app.getByRole('heading', { name: title }).waitFor({ state: 'detached' });
});
