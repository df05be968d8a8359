import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type LocalHost, startLocalHost } from '../emulator/local/local-host';
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

const title = 'Letterbox has no active license';

for (const [license, isTold] of [
  [undefined, false],
  [{ active: true }, false],
  [{ active: false }, true],
] as const) {
  test(`each page ${isTold ? 'says' : 'does not say'} that nothing is polled: ${JSON.stringify(license)}`, async (t) => {
    host.forge.setLicense(license);
    for (const item of ['Connections', 'Activity', 'Alerts']) {
      const { app } = await openSite(t, browser, host, item);
      await app.getByRole('heading', { level: 1 }).waitFor();
      if (isTold) await app.getByRole('heading', { name: title }).waitFor();
      else assert.equal(await app.getByText(title).count(), 0);
    }
  });
}
