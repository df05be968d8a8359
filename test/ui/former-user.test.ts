import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type LocalHost, startLocalHost } from '../emulator/local/local-host';
import { appCalls } from '../support/app-calls';
import { launchBrowser } from './support/browser-page';
import { openSite } from './support/site';

let browser: Browser;
let host: LocalHost;
before(async () => {
  browser = await launchBrowser();
  host = await startLocalHost({ build: true, start: false, gateway: 'http://127.0.0.1:9' });
});
after(async () => {
  await browser?.close();
  await host?.close();
});

test('whose account was closed is called a former user in the activity log', async (t) => {
  const { call } = appCalls(() => host.forge);
  await call('credentials.create', {
    settings: { provider: 'google', name: 'Kept', clientId: 'client' },
    clientSecret: 'secret',
  });
  host.forge.accountReports.setStatus('admin', 'closed');
  await host.forge.trigger('report-accounts');
  const { app } = await openSite(t, browser, host, 'Activity');
  await app.getByRole('cell', { name: 'Former user' }).waitFor();
  await app.getByRole('button', { name: /“Kept” created/ }).click();
  await app.getByRole('dialog').getByText('Former user').waitFor();
});
