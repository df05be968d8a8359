import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActivityView } from '../../src/resolvers/views';
import { fakeApp } from './support/fake-app';
import { pages } from './support/pages';
import { pick, until } from './support/steps';

/** The screen of the activity log by itself; test/ui/activity.test.ts has the whole product behind it. */
const openPage = pages();

const path = '/incoming/activity';
const at = Date.UTC(2026, 10, 20, 8, 30);

const taken: ActivityView = {
  id: 'c1:1',
  connectionId: 'c1',
  at,
  result: 'created',
  from: 'Ada <ada@example.org>',
  subject: 'The printer is on fire',
  messageId: 'one@example.org',
  issueKey: 'SUP-7',
  code: null,
  reason: null,
  handle: '7.1',
  size: 2_048,
  tookMs: 1_500,
  triesBefore: 2,
  steps: [
    { step: 'downloaded', bytes: 2_048, at: at - 1_500, tookMs: 40 },
    { step: 'claimed', takenOver: false, at: at - 1_400, tookMs: 100 },
    { step: 'read', at: at - 1_390, tookMs: 10 },
    { step: 'created', issueKey: 'SUP-7', at: at - 400, tookMs: 990 },
    { step: 'attached', files: 2, refused: 1, at: at - 100, tookMs: 300 },
    { step: 'handed-over', action: 'mark-read', at, tookMs: 100 },
  ],
};

test('an entry tells step by step what was done, with the moment in the reader’s time zone and how long it took', async (t) => {
  const app = fakeApp();
  const { steps: _, triesBefore: __, ...older } = taken;
  app.entries = [taken, { ...older, id: 'c1:2', subject: 'From an older version' }];
  const { page } = await openPage(t, app, { path });
  await page.getByRole('button', { name: 'The printer is on fire' }).click();
  const steps = page.getByRole('dialog').getByRole('list', { name: 'What was done, step by step' });
  await steps.waitFor();
  const lines = await steps.getByRole('listitem').allInnerTexts();
  assert.deepEqual(
    lines.map((line) => line.replace(/\s+/g, ' ')),
    [
      '17:29:58.500 Downloaded 2 KB 40 ms',
      '17:29:58.600 Claimed, so that no other run takes it 100 ms',
      '17:29:58.610 Read 10 ms',
      '17:29:59.600 Created SUP-7 990 ms',
      '17:29:59.900 Attached 2 files; Jira refused one file 300 ms',
      '17:30:00.000 Handed over to be marked as read 100 ms',
    ],
  );
  await page.getByRole('dialog').getByText('Tries that failed before').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).last().click();
  await page.getByRole('button', { name: 'From an older version' }).click();
  await page.getByRole('dialog').getByText('one@example.org').waitFor();
  assert.equal(await page.getByRole('dialog').getByText('step by step').count(), 0);
});

test('how long entries are kept is said, explained, checked while typing, and saved', async (t) => {
  const app = fakeApp();
  const { page, flags } = await openPage(t, app, { path });
  await page.getByRole('button', { name: 'Entries are kept for 30 days' }).click();
  const dialog = page.getByRole('dialog');
  const field = dialog.getByRole('spinbutton', { name: 'Days that entries are kept' });
  await dialog.getByText('A shorter time hides entries that are older at once').waitFor();
  await dialog.getByText('A longer time holds for new entries.').waitFor();
  for (const [typed, problem] of [
    ['400', 'Enter at most 365 days.'],
    ['0', 'Enter at least 1 day.'],
    ['1.5', 'Enter whole days.'],
    ['', 'Enter a number of days.'],
  ] as const) {
    await field.fill(typed);
    await dialog.getByText(problem).waitFor();
  }
  await dialog.getByRole('button', { name: 'Save' }).click();
  assert.equal(app.activityDays, 30);
  await field.fill('90');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Entries are kept for 90 days' }).waitFor();
  assert.equal(app.activityDays, 90);
  assert.equal(flags.at(-1)?.title, 'Entries are kept for 90 days now');
});

test('whoever comes for quarantined mail sees all of it at once, and the list instead of the charts', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  app.entries = [{ ...taken, result: 'quarantined', issueKey: null, code: 'x', reason: 'Jira refused it.' }];
  const quarantine = `${path}/c1/quarantined`;
  const { page } = await openPage(t, app, { path: quarantine });
  await page.getByRole('button', { name: 'The printer is on fire' }).waitFor();
  await page.getByRole('button', { name: 'Reprocess all' }).waitFor();
  const asked = app.calls.filter(({ name }) => name === 'activity.list').map(({ payload }) => payload);
  assert.deepEqual(asked[0], { connectionId: 'c1', result: 'quarantined' });
  assert.equal(await page.getByRole('heading', { name: 'Mail over time' }).count(), 0);
  await page.getByText('All that is kept').waitFor();
  await until(() => assert.equal(app.calls.filter(({ name }) => name === 'activity.charts').length, 0));
});

test('an empty log says what will be there, and filters that hide everything can be reset', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  const { page } = await openPage(t, app, { path });
  await page.getByRole('heading', { name: 'No activity' }).waitFor();
  await pick(page, 'Result', 'Quarantined');
  await page.getByRole('heading', { name: 'Nothing fits these filters' }).waitFor();
  await page.getByRole('button', { name: 'Reset the filters' }).click();
  await page.getByRole('heading', { name: 'Nothing fits these filters' }).waitFor({ state: 'detached' });
  await page.getByText('All results').waitFor();
});

test('a search that has found nothing so far says how far it came, shows no empty table, and goes on', async (t) => {
  const app = fakeApp();
  app.entries = [taken];
  app.searchedUntil = at;
  const { page } = await openPage(t, app, { path });
  await page.getByText(/^Nothing was found back to .+2026/).waitFor();
  assert.equal(await page.getByRole('table').count(), 0);
  await page.getByRole('button', { name: 'Search further back' }).click();
  await page.getByRole('button', { name: 'The printer is on fire' }).waitFor();
  await page.getByText('That is all.').waitFor();
  assert.equal(await page.getByText(/^Nothing was found/).count(), 0);
});

test('an entry without subject is told from one that was never downloaded', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  const empty = { ...taken, from: null, subject: '' };
  app.entries = [
    empty,
    { ...empty, id: 'b', result: 'quarantined', issueKey: null, subject: null, reason: 'Too large.' },
  ];
  const { page } = await openPage(t, app, { path });
  await page.getByRole('button', { name: '(no subject)' }).waitFor();
  await page.getByRole('button', { name: '(not downloaded)' }).waitFor();
});
