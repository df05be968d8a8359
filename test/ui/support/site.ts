import type { TestContext } from 'node:test';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import type { LocalHost } from '../../emulator/local/local-host';

/** The admin page where the product shows it: in a frame on the local host. */
export interface Site {
  context: BrowserContext;
  page: Page;
  /** The app's page in its frame. */
  app: FrameLocator;
}

/** Opens a page of the product's side bar as the administrator: the first of that title, or the one with that route. */
export async function openSite(t: TestContext, browser: Browser, host: LocalHost, item: string): Promise<Site> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`${host.url}/jira/settings/apps`);
  const side = page.locator('.side');
  await (item.includes('/')
    ? side.locator(`[data-route="${item}"]`)
    : side.getByRole('link', { name: item }).first()
  ).click();
  return { context, page, app: page.frameLocator('iframe#app') };
}

/** The tab of another site that `click` leads to, after the product's question whether to leave. */
export async function leaveBy(
  { context, page }: Pick<Site, 'context' | 'page'>,
  click: () => Promise<void>,
): Promise<Page> {
  const opened = context.waitForEvent('page');
  await click();
  await page.getByRole('dialog', { name: "You're leaving Jira" }).getByRole('button', { name: 'Continue' }).click();
  const tab = await opened;
  tab.setDefaultTimeout(20_000);
  return tab;
}
