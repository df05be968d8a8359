import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { type Browser, chromium, type Frame, type Page } from 'playwright-core';
import { type LocalHost, startLocalHost } from './local-host';

/** The admin page in its frame, with the bridge, as the browser sees it. */

let host: LocalHost;
let browser: Browser;
let page: Page;
let frame: Frame;
const problems: string[] = [];

before(async () => {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  [host, browser] = await Promise.all([
    startLocalHost({ start: false, build: true }),
    chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
    }),
  ]);
});
after(async () => {
  await browser?.close();
  await host?.close();
});
beforeEach(async () => {
  problems.length = 0;
  page = await (await browser.newContext({ colorScheme: 'light' })).newPage();
  page.on('pageerror', ({ message }) => problems.push(message));
  await page.goto(`${host.url}/jira/settings/apps`);
  frame = await appFrame();
});

afterEach(() => page.context().close());

async function appFrame(): Promise<Frame> {
  const handle = await page.waitForSelector('iframe#app');
  const found = await handle.contentFrame();
  assert.ok(found);
  await found.waitForSelector('#root > *');
  return found;
}

/** Calls the bridge as `@forge/bridge` does; what can't be sent from there comes back as its error's message. */
const call = (operation: string, payload?: unknown) =>
  frame.evaluate(
    ([name, content]) =>
      (
        Reflect.get(globalThis, '__bridge') as { callBridge(name: unknown, payload: unknown): Promise<unknown> }
      ).callBridge(name, content),
    [operation, payload] as const,
  );
const route = () => new URL(page.url()).pathname.split('/local')[1] ?? '';

describe('the bridge', () => {
  test('tells the page where it is and who looks at it', async () => {
    const context = (await call('getContext')) as Record<string, unknown>;
    assert.equal(context.accountId, 'admin');
    assert.equal(context.moduleKey, 'letterbox-admin');
    assert.equal(context.timezone, 'Europe/Berlin');
    assert.deepEqual(problems, []);
  });

  test('calls the app as the user who is signed in, with the limit of a request', async () => {
    assert.deepEqual(await call('invoke', { functionKey: 'connections.list', payload: {} }), { ok: true, value: [] });
    const large = { functionKey: 'connections.list', payload: { text: 'x'.repeat(500 * 1024) } };
    await assert.rejects(call('invoke', large), /larger than 500 KB/);
    await assert.rejects(call('somethingNew'), /does not know/);
  });

  test('asks before it leads to another site, and says no when the person does', async () => {
    const leave = (type: string, answer: string) => {
      const going = call('navigate', { url: 'https://elsewhere.test/page', type }).then(
        () => 'gone',
        () => 'refused',
      );
      return page
        .getByRole('dialog', { name: "You're leaving Jira" })
        .getByRole('button', { name: answer })
        .click()
        .then(() => going);
    };
    assert.equal(await leave('new-tab', 'Cancel'), 'refused');
    assert.equal(page.context().pages().length, 1);
    // Other sites never take the place of the product.
    const opened = page.context().waitForEvent('page');
    assert.equal(await leave('same-tab', 'Continue'), 'gone');
    await opened;
    assert.equal(new URL(page.url()).origin, host.url);
  });

  test('lets the page open no tab by itself', async () => {
    assert.equal(await frame.evaluate(() => window.open('https://elsewhere.test/') === null), true);
    assert.equal(
      await page.locator('iframe#app').getAttribute('sandbox'),
      'allow-downloads allow-forms allow-modals allow-pointer-lock allow-same-origin allow-scripts',
    );
  });

  test('keeps the address in step with the page, back and forward, and through a reload', async () => {
    const start = route();
    const open = (path: string) =>
      frame.evaluate(async (to) => {
        const bridge = Reflect.get(globalThis, '__bridge') as {
          callBridge(name: string): Promise<{ push(path: string): void }>;
        };
        (await bridge.callBridge('createHistory')).push(to);
      }, path);
    const place = async () => ((await call('place')) as { pathname: string }).pathname;
    await open('/incoming/connections/new');
    await page.waitForURL('**/incoming/connections/new');
    assert.equal(await place(), '/incoming/connections/new');
    await page.goBack();
    assert.equal(route(), start);
    await page.goForward();
    assert.equal(route(), '/incoming/connections/new');
    await page.reload();
    frame = await appFrame();
    assert.equal(await place(), '/incoming/connections/new');
    await page.click('.side a');
    assert.equal(route(), '/incoming/connections');
    assert.equal(await page.getAttribute('.side a', 'aria-current'), 'page');
  });

  test('shows flags as text, and takes them away', async () => {
    await call('showFlag', { id: 'one', type: 'success', title: 'Saved <b>it</b>', description: 'Well done' });
    assert.equal(await page.textContent('.flag.success header span'), 'Saved <b>it</b>');
    await call('closeFlag', { id: 'one' });
    assert.equal(await page.locator('.flag').count(), 0);
    await call('showFlag', { id: 'two', title: 'Hello' });
    await page.click('.flag button');
    assert.equal(await page.locator('.flag').count(), 0);
  });

  test('hands the theme to the page, and its change', async () => {
    const look = () =>
      frame.evaluate(() => [
        document.documentElement.dataset.colorMode,
        getComputedStyle(document.documentElement).getPropertyValue('--ds-surface').trim(),
      ]);
    assert.deepEqual(await look(), ['light', '#FFFFFF']);
    await page.selectOption('select[name="theme"]', 'dark');
    await frame.waitForSelector('html[data-color-mode="dark"]');
    assert.deepEqual(await look(), ['dark', '#1F1F21']);
    await page.reload();
    frame = await appFrame();
    assert.deepEqual(await look(), ['dark', '#1F1F21']);
  });

  test('opens the page in a dialog, and takes what that says when it closes', async () => {
    assert.equal(await call('close'), false);
    await call('openModal', { resource: null, title: 'More' });
    const dialog = await (await page.waitForSelector('dialog iframe')).contentFrame();
    assert.ok(dialog);
    await dialog.waitForSelector('#root > *');
    frame = dialog;
    await call('close', { done: true }).catch(() => {});
    await page.waitForSelector('dialog', { state: 'detached' });
  });

  test('lets no inline script run', async () => {
    await frame.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.ran = true';
      document.head.append(script);
    });
    assert.equal(await frame.evaluate(() => Reflect.get(globalThis, 'ran')), undefined);
  });

  test('is not there for people who are no administrators', async () => {
    await page.selectOption('select[name="user"]', 'agent');
    await page.waitForSelector('text=Only Jira administrators can open this page');
    assert.equal(await page.locator('iframe').count(), 0);
  });
});

test('the start page sends sample mail and copies settings', async () => {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  const start = await context.newPage();
  await start.goto(host.url);
  await start.click('text=10 at once');
  await start.waitForSelector('text=10 mails sent to support@letterbox.test.');
  assert.equal(host.mail.store.folder('support@letterbox.test', 'INBOX')?.messages.size, 10);
  await start.click('text=Copy certificate');
  await start.waitForSelector('text=Copied');
  assert.equal(await start.evaluate(() => navigator.clipboard.readText()), host.mail.ca);
});
