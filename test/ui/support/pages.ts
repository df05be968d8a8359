import assert from 'node:assert/strict';
import { after, before, type TestContext } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser, type OpenOptions, type OpenPage, openPage } from './browser-page';
import type { FakeApp } from './fake-app';
import { type PageHost, startPageHost } from './page-host';

/**
 * One browser and one host of the built page for all tests of a file. What comes back opens a page for one test, closes it
 * after that, and fails the test when the browser complained meanwhile.
 */
export function pages() {
  let browser: Browser;
  let host: PageHost;
  before(async () => {
    [browser, host] = await Promise.all([launchBrowser(), startPageHost()]);
  });
  after(async () => {
    await browser?.close();
    await host?.close();
  });
  return async (
    t: TestContext,
    app: FakeApp,
    { mayComplain = false, ...options }: OpenOptions & { mayComplain?: boolean } = {},
  ): Promise<OpenPage> => {
    const open = await openPage(browser, host, app, options);
    t.after(async () => {
      await open.page.context().close();
      if (!mayComplain) assert.deepEqual(open.problems, []);
    });
    return open;
  };
}
