import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { addPoll } from '../../src/domain/tally';
import { fakeApp } from './support/fake-app';
import { pages } from './support/pages';
import { choose, until } from './support/steps';

const dist = fileURLToPath(new URL('../../static/dist/admin/', import.meta.url));

const openPage = pages();

function someConnections() {
  const app = fakeApp();
  app.add({ name: 'Support', description: 'Questions of customers in a rather long sentence' }, { waiting: 3 });
  app.add({ name: 'A connection with quite a long name', host: 'a.very.long.host.name.of.a.mail.server.example.com' });
  return app;
}

/** Brightness of a colour as the browser computed it, 0 to 255. */
async function brightness(page: Page, selector: string, property: 'color' | 'backgroundColor'): Promise<number> {
  return page.evaluate(
    ([where, what]) => {
      const element = document.querySelector(where);
      if (!element) throw new Error(`There is no ${where}.`);
      const [red = 0, green = 0, blue = 0] = (getComputedStyle(element)[what].match(/[\d.]+/g) ?? []).map(Number);
      return (red + green + blue) / 3;
    },
    [selector, property] as const,
  );
}

for (const [colorMode, isLight] of [
  ['light', true],
  ['dark', false],
] as const) {
  test(`the ${colorMode} theme colours page, text and fields`, async (t) => {
    const { page } = await openPage(t, someConnections(), { colorMode });
    await page.getByText('A connection with quite a long name', { exact: true }).waitFor();
    assert.equal((await brightness(page, 'body', 'backgroundColor')) > 200, isLight);
    assert.equal((await brightness(page, 'h1', 'color')) < 100, isLight);
    assert.equal((await brightness(page, 'tbody td', 'color')) < 100, isLight);
  });
}

test('Atlaskit’s style sheets apply under the content security policy', async (t) => {
  const { page } = await openPage(t, someConnections());
  const button = page.getByRole('button', { name: 'Add connection' });
  // Without its style sheet a button is the browser's own: grey, with square corners and a border.
  const style = await button.evaluate((element) => {
    const { borderRadius, backgroundColor, height } = getComputedStyle(element);
    return { borderRadius, backgroundColor, height };
  });
  assert.deepEqual(style, { borderRadius: '6px', backgroundColor: 'rgb(24, 104, 219)', height: '32px' });
});

test('the numbers of the charts scroll by themselves where they are wider than the page', async (t) => {
  const app = someConnections();
  app.tallies.set('c1', addPoll(null, { at: Date.now(), tookMs: 90, results: { created: 1 }, waiting: 0 }));
  const path = '/incoming/connections/c1';
  const { page } = await openPage(t, app, { width: 400, path });
  await page.getByRole('button', { name: 'Show as a table' }).click();
  await page.getByRole('columnheader', { name: 'Waiting at most' }).waitFor();
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(tooWide <= 0, `${tooWide} pixels too wide`);
});

for (const width of [400, 768, 1600]) {
  test(`neither list nor form nor page is wider than a window of ${width} pixels`, async (t) => {
    for (const path of ['', '/new', '/c1'].map((end) => `/incoming/connections${end}`)) {
      const { page } = await openPage(t, someConnections(), { width, path });
      await page.getByRole('button').first().waitFor();
      const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(tooWide <= 0, `${path} is ${tooWide} pixels too wide`);
    }
  });
}

test('on a narrow page every column is still there, and the menu works', async (t) => {
  const { page } = await openPage(t, someConnections(), { width: 400 });
  const row = page.getByRole('row').filter({ hasText: 'Questions of customers' });
  for (const text of ['Host:', 'imap.example.com', 'Username:', 'Interval:', 'Last poll:', 'Never', 'Waiting:']) {
    await row.getByText(text).first().waitFor();
  }
  await choose(page, 'Support', 'Delete');
  await page.getByRole('heading', { name: 'Delete Support?' }).waitFor();
});

test('a dialog that a menu opened gives the focus back to that menu', async (t) => {
  const { page } = await openPage(t, someConnections());
  const menu = page.getByRole('button', { name: 'Actions for Support' });
  await menu.focus();
  await page.keyboard.press('Enter');
  // The menu takes the focus to its first item a moment after it opens.
  await page.locator('[role="menuitem"]:focus').waitFor();
  await page.getByRole('menuitem', { name: 'Test' }).press('Enter');
  await page.getByRole('dialog').getByText('The connection works').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await until(async () => assert.ok(await menu.evaluate((element) => element === document.activeElement)));
});

test('the page has no inline script, and asks for its files relative to itself', () => {
  const html = readFileSync(`${dist}index.html`, 'utf8');
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/);
  assert.doesNotMatch(html, /(src|href)="(\/|https?:)/);
  assert.match(html, /src="\.\/assets\//);
});

test('the list loads less than 240 KB of compressed code, the form less than 90 KB more', () => {
  const html = readFileSync(`${dist}index.html`, 'utf8');
  const files = readdirSync(`${dist}assets`).filter((name) => name.endsWith('.js'));
  const compressed = (name: string) => gzipSync(readFileSync(`${dist}assets/${name}`)).length / 1_000;
  const total = (names: string[]) => names.reduce((sum, name) => sum + compressed(name), 0);
  const list = files.filter((name) => html.includes(name));
  const form = files.filter((name) => name.startsWith('connection-form-screen'));
  assert.ok(list.length > 0 && form.length > 0 && statSync(dist).isDirectory());
  assert.ok(total(list) < 240, `${total(list)} KB`);
  assert.ok(total(form) < 90, `${total(form)} KB`);
});
