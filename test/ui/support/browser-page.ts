import { type Browser, chromium, type Page } from 'playwright-core';
import type { FakeApp } from './fake-app';
import type { PageHost } from './page-host';

export interface OpenOptions {
  path?: string;
  colorMode?: 'light' | 'dark';
  width?: number;
  height?: number;
}

export interface OpenPage {
  page: Page;
  /** Flags that the page asked the product to show, oldest first. */
  flags: { type: string; title: string; description: string }[];
  /** What went wrong in the browser: errors, and loads that the content security policy refused. */
  problems: string[];
  /** Where the page is, as the product's side bar sees it. */
  location: () => Promise<string>;
  /** What a click in the side bar does. */
  sideBar: (path: string) => Promise<void>;
}

/** `SHOW_BROWSER=1` shows the browser, and slows it down for people to follow; `CHROMIUM` names another program. */
export function launchBrowser(): Promise<Browser> {
  const isShown = process.env.SHOW_BROWSER === '1';
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
    headless: !isShown,
    slowMo: isShown ? 300 : 0,
  });
}

/** Opens the built page with a bridge whose far end is the fake app. */
export async function openPage(
  browser: Browser,
  host: PageHost,
  app: FakeApp,
  options: OpenOptions = {},
): Promise<OpenPage> {
  const { path = '/incoming/connections', colorMode = 'light', width = 1280, height = 800 } = options;
  const context = await browser.newContext({ viewport: { width, height }, timezoneId: 'Europe/Berlin' });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const flags: OpenPage['flags'] = [];
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));

  await page.exposeFunction('appInvoke', (name: string, payload: unknown) => app.invoke(name, payload));
  await page.exposeFunction('productFlag', (flag: OpenPage['flags'][number]) => {
    flags.push(flag);
  });
  // The loader of the tests marks functions with a helper that the browser does not have.
  await page.addInitScript('globalThis.__name = (marked) => marked');
  await page.addInitScript(bridgeScript, { path, colorMode, theme: host.theme });
  await page.goto(host.url);
  return {
    page,
    flags,
    problems,
    location: () => page.evaluate(() => Reflect.get(globalThis, 'testHistory').location.pathname),
    sideBar: (to) => page.evaluate((pathname) => Reflect.get(globalThis, 'testHistory').push(pathname), to),
  };
}

/** Runs in the page before its own code: the operations of Forge's bridge that it uses. */
function bridgeScript({ path, colorMode, theme }: { path: string; colorMode: string; theme: string }): void {
  const listeners: ((location: { pathname: string }, action: string) => void)[] = [];
  const entries = [path];
  const move = (pathname: string, action: string) => {
    history.location = { pathname };
    for (const listener of listeners) listener(history.location, action);
  };
  const history = {
    action: 'POP',
    location: { pathname: path },
    push: (pathname: string) => {
      entries.push(pathname);
      move(pathname, 'PUSH');
    },
    replace: (pathname: string) => move(pathname, 'REPLACE'),
    goBack: () => {
      entries.pop();
      move(entries.at(-1) ?? '/', 'POP');
    },
    listen: (listener: (typeof listeners)[number]) => {
      listeners.push(listener);
      return () => listeners.splice(listeners.indexOf(listener), 1);
    },
  };
  const enableTheming = () => {
    const style = document.createElement('style');
    style.textContent = theme;
    document.head.append(style);
    document.documentElement.dataset.theme =
      'dark:dark light:light motion:motion shape:shape spacing:spacing typography:typography';
    document.documentElement.dataset.colorMode = colorMode;
  };
  const callTest = async (name: string, ...values: unknown[]): Promise<unknown> => {
    const exposed: unknown = Reflect.get(globalThis, name);
    return typeof exposed === 'function' ? exposed(...values) : undefined;
  };
  const operations: Record<string, (payload: { functionKey: string; payload: unknown }) => unknown> = {
    invoke: ({ functionKey, payload }) => callTest('appInvoke', functionKey, payload),
    showFlag: (flag) => callTest('productFlag', flag),
    getContext: () => ({ timezone: 'Asia/Tokyo', locale: 'en-US' }),
    createHistory: () => history,
    enableTheming,
  };
  Reflect.set(globalThis, 'testHistory', history);
  Reflect.set(globalThis, '__bridge', {
    callBridge: async (operation: string, payload: { functionKey: string; payload: unknown }) => {
      const run = operations[operation];
      if (!run) throw new Error(`The bridge has no operation ${operation}.`);
      return run(payload);
    },
  });
}
