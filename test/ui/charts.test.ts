import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { addPoll, type PollFacts, type Tally } from '../../src/domain/tally';
import { type FakeApp, fakeApp } from './support/fake-app';
import { pages } from './support/pages';
import { pick, until } from './support/steps';

/** The charts of what polls came to, in a browser. */
const openPage = pages();

const hour = 3_600_000;
const path = '/incoming/activity';

function tallyOf(...polls: (Partial<PollFacts> & { hoursAgo: number })[]): Tally {
  let tally: Tally | null = null;
  for (const { hoursAgo, ...facts } of polls) {
    const at = Date.now() - hoursAgo * hour;
    tally = addPoll(tally, { at, tookMs: 1_200, results: { created: 1 }, waiting: 0, ...facts });
  }
  return tally ?? { hours: [], quarters: [] };
}

/** Two connections that took 12 and 3 mails in the last hours; the second one gave some up. */
function busyApp(): FakeApp {
  const app = fakeApp();
  app.add({ name: 'Support' }, { state: 'enabled', status: 'polling', polledAt: Date.now() });
  app.add({ name: 'Orders' }, { state: 'enabled', status: 'polling', polledAt: Date.now() });
  app.add({ name: 'Quiet' });
  app.tallies.set('c1', tallyOf({ hoursAgo: 3, results: { created: 5 } }, { hoursAgo: 1, results: { created: 7 } }));
  app.tallies.set(
    'c2',
    tallyOf(
      { hoursAgo: 100, results: { created: 40, gone: 1 } },
      { hoursAgo: 2, results: { created: 3, quarantined: 2 }, waiting: 4, tookMs: 4_000 },
    ),
  );
  return app;
}

const chart = (page: Page, name: RegExp) =>
  page
    .getByRole('region', { name })
    .or(page.locator('section', { has: page.getByRole('heading', { name }) }))
    .first();
const legendOf = (page: Page, name: RegExp) =>
  chart(page, name).locator('svg[aria-hidden="true"] + span').allInnerTexts();
const bars = (page: Page, name: RegExp) => chart(page, name).locator('.recharts-bar-rectangle path').count();

test('three charts show what became of mail, how long polls took, and how much waited', async (t) => {
  const { page } = await openPage(t, busyApp(), { path });
  await page.getByRole('heading', { name: 'Mail over time' }).waitFor();
  await page.getByRole('heading', { name: 'How long polls took' }).waitFor();
  await until(async () => assert.ok((await bars(page, /Mail by result/)) >= 4));
  assert.ok((await bars(page, /Mail that was waiting/)) >= 1);
  assert.ok(
    (await chart(page, /How long polls took/)
      .locator('.recharts-line-dot')
      .count()) >= 3,
  );
  assert.deepEqual(await legendOf(page, /Mail by result/), ['Issue created', 'Quarantined'], 'only what happened');
  assert.deepEqual(await legendOf(page, /How long polls took/), ['Average', 'Longest']);
});

test('the charts follow the period and the connection that are chosen', async (t) => {
  const app = busyApp();
  const { page } = await openPage(t, app, { path });
  await page.getByRole('button', { name: '7 days', exact: true }).click();
  await until(async () =>
    assert.deepEqual(await legendOf(page, /Mail by result/), ['Issue created', 'Quarantined', 'Gone']),
  );
  assert.equal(await page.getByRole('button', { name: '7 days', exact: true }).getAttribute('aria-pressed'), 'true');
  await pick(page, 'Connection', 'Support');
  await until(async () => assert.deepEqual(await legendOf(page, /Mail by result/), ['Issue created']));
  const asked = app.calls.filter(({ name }) => name === 'activity.charts').map(({ payload }) => payload);
  assert.deepEqual(asked, [{ period: '24h' }, { period: '7d' }, { period: '7d', connectionId: 'c1' }]);
});

test('the keyboard moves through a chart, whose tooltip names the stretch in the reader’s time zone', async (t) => {
  const { page } = await openPage(t, busyApp(), { path });
  const results = chart(page, /Mail by result/);
  await results.locator('.recharts-bar-rectangle path').first().waitFor();
  await results.locator('svg[tabindex="0"]').focus();
  const last = Math.floor(Date.now() / hour) * hour;
  const tokyo = (at: number) =>
    new Intl.DateTimeFormat('en', { timeZone: 'Asia/Tokyo', hour: 'numeric', minute: '2-digit' }).format(at);
  // From the oldest hour to the one before this, in which seven mails came.
  for (let step = 0; step < 22; step += 1) await page.keyboard.press('ArrowRight');
  await results.getByText(`${tokyo(last - hour)} to ${tokyo(last)}`).waitFor();
  await results.getByText('7', { exact: true }).last().waitFor();
});

test('a table has the same numbers, for whoever can not see the charts', async (t) => {
  const { page } = await openPage(t, busyApp(), { path });
  await page.getByRole('button', { name: 'Show as a table' }).click();
  const table = page.getByRole('table', { name: 'Mail over time' });
  await table.waitFor();
  const rows = await table.locator('tbody tr').all();
  const cells = await Promise.all(rows.map((row) => row.locator('td').allInnerTexts()));
  assert.deepEqual(
    cells.map((row) => row.slice(1)),
    [
      ['7', '0', '0', '0', '0', '1', '1.2 s', '1.2 s', '0'],
      ['3', '0', '0', '2', '0', '1', '4.0 s', '4.0 s', '4'],
      ['5', '0', '0', '0', '0', '1', '1.2 s', '1.2 s', '0'],
    ],
  );
  await page.getByRole('button', { name: 'Show as charts' }).click();
  await until(async () => assert.ok((await bars(page, /Mail by result/)) > 0));
});

test('says so where no poll has taken mail, and where the charts can not be loaded', async (t) => {
  const empty = await openPage(t, fakeApp(), { path });
  await empty.page.getByText('No poll has taken mail in this period.').waitFor();
  const app = busyApp();
  app.failing.set('activity.charts', { code: 'store-busy', kind: 'transient', message: 'The storage is busy.' });
  const { page } = await openPage(t, app, { path });
  await page.getByText('The storage is busy.').waitFor();
  app.failing.clear();
  await page.getByRole('button', { name: 'Load again' }).click();
  await until(async () => assert.ok((await bars(page, /Mail by result/)) > 0));
});

test('the page of a connection charts its mail only', async (t) => {
  const app = busyApp();
  const { page } = await openPage(t, app, { path: '/incoming/connections/c1' });
  await until(async () => assert.deepEqual(await legendOf(page, /Mail by result/), ['Issue created']));
  const asked = app.calls.filter(({ name }) => name === 'activity.charts').map(({ payload }) => payload);
  assert.deepEqual(asked, [{ period: '24h', connectionId: 'c1' }]);
});

test('the list shows the mail of the last 24 hours as a small chart and a number, without the chart library', async (t) => {
  const { page } = await openPage(t, busyApp());
  const row = (name: string) => page.getByRole('row').filter({ hasText: name });
  await row('Support').getByRole('img', { name: 'at most 7 in an hour' }).waitFor();
  await row('Support').getByText('12', { exact: true }).waitFor();
  await row('Orders').getByText('3', { exact: true }).waitFor();
  assert.equal(await row('Quiet').getByRole('img', { name: 'in an hour' }).count(), 0);
  const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
  assert.ok(loaded.some((name) => name.endsWith('.js')));
  assert.deepEqual(
    loaded.filter((name) => name.includes('bucket-charts')),
    [],
  );
});

for (const colorMode of ['light', 'dark'] as const) {
  test(`bars stand out from the page, and so do the words of the axes (${colorMode})`, async (t) => {
    const { page } = await openPage(t, busyApp(), { path, colorMode, width: 420 });
    await chart(page, /Mail by result/)
      .locator('.recharts-bar-rectangle path')
      .first()
      .waitFor();
    const [surface, bar, tick] = await page.evaluate(() => {
      const light = (color: string) => Math.max(...(color.match(/\d+/g) ?? []).slice(0, 3).map(Number));
      const fill = (selector: string) => getComputedStyle(document.querySelector(selector) ?? new Element()).fill;
      const backdrop = getComputedStyle(document.documentElement).getPropertyValue('--ds-surface').trim();
      const hex = Number.parseInt(backdrop.slice(1, 3), 16);
      return [hex, light(fill('.recharts-bar-rectangle path')), light(fill('text.recharts-cartesian-axis-tick-value'))];
    });
    assert.ok(Math.abs((surface ?? 0) - (tick ?? 0)) > 60, `tick ${tick} on ${surface}`);
    assert.ok(Math.abs((surface ?? 0) - (bar ?? 0)) > 60, `bar ${bar} on ${surface}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wide <= 0, 'nothing scrolls sideways in a narrow window');
  });
}
