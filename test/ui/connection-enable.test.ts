import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, openPage } from './support/browser-page';
import { type FakeApp, fakeApp } from './support/fake-app';
import { type PageHost, startPageHost } from './support/page-host';
import { choose, pageUnder, until } from './support/steps';

let browser: Browser;
let host: PageHost;
before(async () => {
  [browser, host] = await Promise.all([launchBrowser(), startPageHost()]);
});
after(async () => {
  await browser?.close();
  await host?.close();
});

const confirm = (page: Page) => page.getByRole('dialog').getByRole('button', { name: 'Enable' });
const everything = (page: Page) => page.getByRole('radio', { name: /^Everything in the folder/ });
const started = (app: FakeApp) => app.calls.find(({ name }) => name === 'connections.enable')?.payload;

test('messages are searched for first, and new mail only is the default', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  const { page, flags } = await pageUnder(t, openPage(browser, host, app));
  await page.getByText('Disabled').waitFor();
  app.delay = 300;
  await choose(page, 'Support', 'Enable');
  await page.getByText('Searching for messages…').waitFor();
  assert.ok(await confirm(page).isDisabled());
  assert.ok(await page.getByRole('radio', { name: 'Only mail that arrives from now on' }).isChecked());
  assert.equal(await page.getByRole('checkbox').count(), 0);
  await confirm(page).click();
  await until(() => assert.deepEqual(started(app), { id: 'c1', version: 1, start: { from: 'now' } }));
  await page.getByText('Polling', { exact: true }).waitFor();
  assert.equal(flags[0]?.title, 'Support is enabled');
});

test('everything in the folder needs to be acknowledged with its number', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  app.estimate = { count: 1_234, confidence: 'exact', reason: null, available: true, first: [] };
  const { page } = await pageUnder(t, openPage(browser, host, app));
  await choose(page, 'Support', 'Enable');
  await page.getByText('Everything in the folder (1,234 messages, counted exactly)').click();
  assert.ok(await confirm(page).isDisabled());
  await page.getByRole('checkbox', { name: /1,234 messages/ }).check();
  await confirm(page).click();
  await until(() => assert.deepEqual(started(app), { id: 'c1', version: 1, start: { from: 'everything' } }));
});

test('everything in an empty folder needs no acknowledgement', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  app.estimate = { count: 0, confidence: 'exact', reason: null, available: true, first: [] };
  const { page } = await pageUnder(t, openPage(browser, host, app));
  await choose(page, 'Support', 'Enable');
  await everything(page).check();
  assert.equal(await page.getByRole('checkbox').count(), 0);
  await confirm(page).click();
  await until(() => assert.ok(started(app)));
});

for (const [confidence, count, text] of [
  ['estimate', 12, '12 messages, an estimate'],
  ['unknown', null, 'the server does not say how many messages'],
] as const) {
  test(`a count that is ${confidence} is told as such, and acknowledged`, async (t) => {
    const app = fakeApp();
    app.add({ name: 'Support' });
    app.estimate = { count, confidence, reason: null, available: true, first: [] };
    const { page } = await pageUnder(t, openPage(browser, host, app));
    await choose(page, 'Support', 'Enable');
    await page.getByText(`Everything in the folder (${text})`).click();
    assert.ok(await confirm(page).isDisabled());
    await page.getByRole('checkbox').check();
    assert.ok(await confirm(page).isEnabled());
  });
}

test('a connection that was polled before goes on where it stopped, unless told otherwise', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' }, { canContinue: true, polledAt: Date.now() - 60_000 });
  const { page } = await pageUnder(t, openPage(browser, host, app));
  await choose(page, 'Support', 'Enable');
  assert.ok(await page.getByRole('radio', { name: /^Go on where it stopped/ }).isChecked());
  await confirm(page).click();
  await until(() => assert.deepEqual(started(app), { id: 'c1', version: 1, start: { from: 'continue' } }));
});

test('messages that can’t be counted are told with the reason, and counted again when asked', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  const message = 'The server refused the user name or the password. Check both.';
  app.failing.set('connections.estimate', {
    code: 'sign-in-failed',
    kind: 'access',
    message,
    detail: 'AUTHENTICATIONFAILED',
  });
  const { page } = await pageUnder(t, openPage(browser, host, app));
  await choose(page, 'Support', 'Enable');
  await page.getByRole('alert').getByText(message).waitFor();
  await page.getByText('The server said: “AUTHENTICATIONFAILED”').waitFor();
  assert.ok(await confirm(page).isDisabled());
  app.failing.clear();
  await page.getByRole('button', { name: 'Count again' }).click();
  await everything(page).waitFor();
  assert.ok(await confirm(page).isEnabled());
});

test('a refusal to enable stays in the dialog, and nothing is said to be enabled', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  const message = 'Somebody else changed this connection meanwhile.';
  app.failing.set('connections.enable', { code: 'stale-version', kind: 'input', message });
  const { page, flags } = await pageUnder(t, openPage(browser, host, app));
  await choose(page, 'Support', 'Enable');
  await confirm(page).click();
  await page.getByRole('alert').getByText(message).waitFor();
  assert.deepEqual(flags, []);
});

test('a saved connection is tested with its stored password', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  const { page } = await pageUnder(t, openPage(browser, host, app));
  await choose(page, 'Support', 'Test');
  await page.getByRole('dialog').getByText('The connection works').waitFor();
  app.passwords.set('c1', 'changed elsewhere');
  await page.getByRole('button', { name: 'Test again' }).click();
  await page.getByRole('dialog').getByText('The test stopped at: Sign in').waitFor();
});
