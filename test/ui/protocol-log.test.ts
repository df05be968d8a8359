import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { protocolMs } from '../../src/domain/protocol';
import { type FakeApp, fakeApp } from './support/fake-app';
import { pages } from './support/pages';
import { choose, until } from './support/steps';

const openPage = pages();

const path = '/incoming/connections/c1/protocol';
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const log = (page: Page) => page.getByRole('region', { name: 'Protocol log' });

function enabled(lines = 0): FakeApp {
  const app = fakeApp();
  app.add({ name: 'Support' }, { state: 'enabled', status: 'polling', polledAt: Date.now() });
  say(app, lines);
  return app;
}

const begin = Date.UTC(2026, 10, 20, 9, 31, 7, 250);

/** Adds lines to the log, a second apart. */
function say(app: FakeApp, count: number): void {
  const { lines } = app.protocol;
  const added = Array.from({ length: count }, (_, index) => ({
    at: begin + (lines.length + index) * 1_000,
    text: `C: ${lines.length + index + 1} NOOP`,
  }));
  app.protocol = { ...app.protocol, lines: [...lines, ...added] };
}

test('the menu of a row leads to the log, which says what to do while it is empty', async (t) => {
  const { page, location } = await openPage(t, enabled());
  await choose(page, 'Support', 'Protocol log');
  await page.getByRole('heading', { name: 'Protocol log' }).waitFor();
  assert.equal(await location(), path);
  await page.getByText('Nothing is logged. Switch the log on, then choose “Poll now”.').waitFor();
});

test('is switched on and off, says how long it stays on, and asks for a poll', async (t) => {
  const app = enabled();
  const { page } = await openPage(t, app, { path });
  await button(page, 'Switch on for 15 minutes').click();
  await page.getByText(/^On for another 1[45]:\d\d$/).waitFor();
  assert.deepEqual(app.calls.filter(({ name }) => name === 'connections.log').at(-1)?.payload, {
    id: 'c1',
    version: 1,
    on: true,
  });
  await page.getByText('The log is on, and shows the next poll.').waitFor();
  await button(page, 'Poll now').last().click();
  await until(() => assert.ok(app.calls.some(({ name }) => name === 'connections.poll')));
  await button(page, 'Switch off').click();
  await page.getByText('Off', { exact: true }).waitFor();
});

test('shows lines with the time of the reader’s zone, and new ones as they come', async (t) => {
  const app = enabled(2);
  app.protocol.until = Date.now() + protocolMs;
  const { page } = await openPage(t, app, { path });
  await log(page).getByText('18:31:07.250  C: 1 NOOP').waitFor();
  say(app, 1);
  await log(page).getByText('18:31:09.250  C: 3 NOOP').waitFor();
});

test('goes off on the page when its time is over', async (t) => {
  const app = enabled(1);
  app.protocol.until = Date.now() + 3_000;
  const { page } = await openPage(t, app, { path });
  await page.getByText(/^On for another 0:0\d$/).waitFor();
  await button(page, 'Switch on for 15 minutes').waitFor();
  await log(page).getByText('C: 1 NOOP').waitFor();
});

test('shows the newest lines, stays with them as more come, and lets a reader look at older ones', async (t) => {
  const app = enabled(200);
  app.protocol = { ...app.protocol, until: Date.now() + protocolMs, cut: true };
  const { page } = await openPage(t, app, { path });
  const distance = () => log(page).evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
  await log(page).waitFor();
  await until(async () => assert.ok((await distance()) < 5));
  await page.getByText('Older lines made room for these.').waitFor();
  say(app, 50);
  await log(page).getByText('C: 250 NOOP').waitFor();
  await until(async () => assert.ok((await distance()) < 5));
  await log(page).evaluate((box) => {
    box.scrollTop = 0;
  });
  say(app, 50);
  await log(page).getByText('C: 300 NOOP').waitFor();
  assert.equal(await log(page).evaluate((box) => box.scrollTop), 0);
});

test('is saved as a file with times that anybody can read', async (t) => {
  const { page } = await openPage(t, enabled(2), { path });
  const [saved] = await Promise.all([page.waitForEvent('download'), button(page, 'Download').click()]);
  assert.match(saved.suggestedFilename(), /^protocol-[\dT-]+\.txt$/);
  assert.equal(
    await readFile(await saved.path(), 'utf8'),
    '2026-11-20T09:31:07.250Z  C: 1 NOOP\n2026-11-20T09:31:08.250Z  C: 2 NOOP\n',
  );
});

test('is copied, or selected where the browser does not let a page copy', async (t) => {
  const { page, flags } = await openPage(t, enabled(2), { path });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await button(page, 'Copy').click();
  await button(page, 'Copied').waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^2026-11-20T09:31:07\.250Z {2}C: 1 NOOP\n/);
  await button(page, 'Copy').waitFor();
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
  });
  await button(page, 'Copy').click();
  await until(() => assert.equal(flags.at(-1)?.title, 'The log is selected'));
  assert.match(await page.evaluate(() => String(window.getSelection())), /C: 1 NOOP[\s\S]*C: 2 NOOP/);
});

test('is cleared after a question', async (t) => {
  const app = enabled(2);
  const { page } = await openPage(t, app, { path });
  await button(page, 'Clear').click();
  const question = page.getByRole('dialog', { name: 'Clear the protocol log?' });
  await question.getByRole('button', { name: 'Cancel' }).click();
  await question.waitFor({ state: 'detached' });
  assert.equal(app.protocol.lines.length, 2);
  await button(page, 'Clear').click();
  await question.getByRole('button', { name: 'Clear' }).click();
  await page.getByText('Nothing is logged.').waitFor();
  assert.equal(app.protocol.lines.length, 0);
});

test('says what failed, and tries again', async (t) => {
  const app = enabled(1);
  const failure = { code: 'store-busy', kind: 'transient', message: 'The storage is asked too often.' };
  app.failing.set('connections.protocol', failure);
  const { page, flags } = await openPage(t, app, { path });
  await page.getByText('The protocol log could not be loaded').waitFor();
  app.failing.clear();
  await button(page, 'Try again').click();
  await log(page).getByText('C: 1 NOOP').waitFor();
  app.failing.set('connections.log', { ...failure, message: 'Somebody else changed it.' });
  await button(page, 'Switch on for 15 minutes').click();
  await until(() => assert.equal(flags.at(-1)?.description, 'Somebody else changed it.'));
  await button(page, 'Switch on for 15 minutes').waitFor();
});

test('a connection that is not enabled has nothing to log, and says so', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  const { page } = await openPage(t, app, { path });
  await page.getByText('Only a connection that is enabled is polled').waitFor();
  await button(page, 'Switch on for 15 minutes').click();
  await button(page, 'Switch off').waitFor();
  assert.equal(await button(page, 'Poll now').count(), 0);
});

test('the reason of a failure is one click away from the log', async (t) => {
  const app = fakeApp();
  const trouble = {
    code: 'sign-in-failed',
    message: 'No.',
    detail: null,
    step: 'sign-in',
    since: 0,
    failures: 1,
    notBefore: 0,
  };
  app.add({ name: 'Support' }, { state: 'enabled', status: 'failing', trouble });
  const { page, location } = await openPage(t, app, { path: '/incoming/connections/c1', height: 300 });
  await page.getByText('See the protocol log').click();
  assert.equal(await location(), path);
  const heading = page.getByRole('heading', { name: 'Protocol log' });
  await until(async () => assert.ok(((await heading.boundingBox())?.y ?? 999) < 300, 'it is in sight'));
});

for (const width of [400, 768, 1600]) {
  test(`the log is no wider than a window of ${width} pixels, whatever its lines are`, async (t) => {
    const app = enabled();
    app.protocol.lines = [{ at: begin, text: `S: ${'x'.repeat(490)}` }];
    const { page } = await openPage(t, app, { path, width });
    await log(page).waitFor();
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)) <= 0);
  });
}
