import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeApp } from './support/fake-app';
import { pages } from './support/pages';
import { choose, names, until } from './support/steps';

const openPage = pages();

const trouble = {
  code: 'sign-in-failed',
  message: 'The server refused the user name or the password. Enter them again.',
  detail: 'AUTHENTICATIONFAILED',
  step: 'sign-in',
  since: Date.UTC(2026, 0, 31, 12),
  failures: 3,
  notBefore: 0,
};

/** Three connections that differ in all that the search looks at. */
function threeConnections() {
  const app = fakeApp();
  app.add(
    { name: 'Support', description: 'Questions of customers', host: 'one.example.com', username: 'help@example.com' },
    { state: 'enabled', status: 'polling', polledAt: Date.now() - 125_000, waiting: 2 },
  );
  app.add({ name: 'Billing', host: 'two.example.com', username: 'invoices@example.com', intervalMinutes: 15 });
  app.add(
    { name: 'Jobs', host: 'three.example.com', username: 'jobs@example.com', intervalMinutes: 2 },
    { state: 'suspended', status: 'suspended', polledAt: Date.UTC(2026, 0, 31, 12), trouble },
  );
  return app;
}

test('an empty list says what to do and leads to the form', async (t) => {
  const { page, location } = await openPage(t, fakeApp());
  await page.getByRole('heading', { name: 'No mailbox is connected yet' }).waitFor();
  await page.getByRole('button', { name: 'Add connection' }).click();
  await page.getByRole('heading', { name: 'Add incoming connection' }).waitFor();
  assert.equal(await location(), '/incoming/connections/new');
});

test('the list shows what each connection is and how it fares', async (t) => {
  const { page } = await openPage(t, threeConnections());
  const row = page.getByRole('row').filter({ hasText: 'Support' });
  await row.waitFor();
  const cells = await row.getByRole('cell').allInnerTexts();
  assert.deepEqual(cells.slice(0, 10), [
    'Support',
    'Questions of customers',
    'IMAP',
    'one.example.com',
    'help@example.com',
    '1 minute',
    'Polling',
    '2 minutes ago',
    'None',
    '2',
  ]);
});

test('the moment of the last poll stands in the reader’s time zone', async (t) => {
  const { page } = await openPage(t, threeConnections());
  await page.getByRole('row').filter({ hasText: 'Jobs' }).getByText('days ago').hover();
  // The product says that the reader is in Tokyo; noon UTC is nine in the evening there.
  await page.getByText('Jan 31, 2026, 9:00:00').filter({ visible: true }).waitFor();
});

for (const [words, found] of [
  ['billing', ['Billing']],
  ['CUSTOMERS', ['Support']],
  ['three.example', ['Jobs']],
  ['invoices@', ['Billing']],
  ['suspended', ['Jobs']],
  ['never', ['Billing']],
  ['jan 31', ['Jobs']],
  ['example.com', ['Billing', 'Jobs', 'Support']],
  ['example.com help', ['Support']],
] as const) {
  test(`the search for “${words}” finds ${found.join(', ')}`, async (t) => {
    const { page } = await openPage(t, threeConnections());
    await page.getByLabel('Search connections').fill(words);
    await until(async () => assert.deepEqual(await names(page), found));
  });
}

test('a search without a match says so and keeps the search field', async (t) => {
  const { page } = await openPage(t, threeConnections());
  await page.getByLabel('Search connections').fill('nothing like it');
  await page.getByText('No connection matches “nothing like it”.').waitFor();
  await page.getByLabel('Search connections').fill('');
  await until(async () => assert.equal((await names(page)).length, 3));
});

test('the columns sort both ways, and intervals by their length', async (t) => {
  const { page } = await openPage(t, threeConnections());
  await until(async () => assert.deepEqual(await names(page), ['Billing', 'Jobs', 'Support']));
  const heading = page.getByRole('columnheader', { name: 'Interval' }).getByRole('button');
  await heading.click();
  await until(async () => assert.deepEqual(await names(page), ['Support', 'Jobs', 'Billing']));
  await heading.click();
  await until(async () => assert.deepEqual(await names(page), ['Billing', 'Jobs', 'Support']));
});

test('a status that is not green leads to the page that tells why', async (t) => {
  const { page, location } = await openPage(t, threeConnections());
  await page.getByRole('link', { name: 'Suspended: why Jobs needs attention' }).click();
  await page.getByText(trouble.message).waitFor();
  assert.equal(await location(), '/incoming/connections/c3');
});

test('a spent quota of Jira is told in the reader’s time, once, and not as an error of the connections', async (t) => {
  const app = fakeApp();
  const hourMs = 3_600_000;
  const notBefore = (Math.floor(Date.now() / hourMs) + 1) * hourMs;
  const paused = { ...trouble, code: 'jira-quota', step: null, detail: null, failures: 0, notBefore };
  for (const name of ['Support', 'Billing'])
    app.add({ name }, { state: 'enabled', status: 'paused', polledAt: Date.now(), waiting: 1, trouble: paused });
  const { page } = await openPage(t, app);
  const time = new Intl.DateTimeFormat('en', { timeStyle: 'short', timeZone: 'Asia/Tokyo' }).format(notBefore);
  const title = `Jira’s hourly quota for apps is used up; polls go on at ${time}`;
  await page.getByText(title).waitFor();
  assert.equal(await page.getByText(title).count(), 1);
  await page.getByRole('link', { name: /why Support/ }).click();
  await page.getByRole('heading', { name: 'Status' }).waitFor();
  await page.getByText(title).waitFor();
  assert.equal(await page.getByText('The last poll failed').count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Edit the connection' }).count(), 0);
});

test('a green status is no link: there is nothing to tell', async (t) => {
  const { page } = await openPage(t, threeConnections());
  await page.getByText('Polling', { exact: true }).waitFor();
  assert.equal(await page.getByRole('link', { name: /^Polling/ }).count(), 0);
});

test('deleting asks with the name, and Cancel keeps the connection', async (t) => {
  const app = threeConnections();
  const { page, flags } = await openPage(t, app);
  await choose(page, 'Billing', 'Delete');
  await page.getByRole('heading', { name: 'Delete Billing?' }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(app.connections.size, 3);

  await choose(page, 'Billing', 'Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await until(async () => assert.deepEqual(await names(page), ['Jobs', 'Support']));
  assert.deepEqual([flags[0]?.type, flags[0]?.title], ['success', 'Billing is deleted']);
});

test('a deletion that the app refuses is told, and the list is what the app has', async (t) => {
  const app = threeConnections();
  const { page, flags } = await openPage(t, app);
  await choose(page, 'Billing', 'Delete');
  const billing = [...app.connections.values()].find(({ settings }) => settings.name === 'Billing');
  assert.ok(billing);
  app.connections.set(billing.id, { ...billing, version: 2 });
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await until(() => assert.equal(flags[0]?.type, 'error'));
  assert.match(flags[0]?.description ?? '', /Somebody else/);
  assert.deepEqual(await names(page), ['Billing', 'Jobs', 'Support']);
});

test('disabling works at once, and a disabled connection can’t be polled', async (t) => {
  const app = threeConnections();
  const { page, flags } = await openPage(t, app);
  await choose(page, 'Support', 'Disable');
  await until(() => assert.equal(flags[0]?.title, 'Support is disabled'));
  await page.getByRole('button', { name: 'Actions for Support' }).click();
  await page.getByRole('menuitem', { name: 'Enable' }).waitFor();
  assert.ok(await page.getByRole('menuitem', { name: 'Poll now' }).isDisabled());
});

test('a copy is made and opened', async (t) => {
  const { page, location } = await openPage(t, threeConnections());
  await choose(page, 'Billing', 'Duplicate');
  await until(async () =>
    assert.equal(await page.getByLabel('Name', { exact: false }).first().inputValue(), 'Billing (copy)'),
  );
  assert.equal(await location(), '/incoming/connections/c4/edit');
});

test('“Poll now” shows progress until the poll has run', async (t) => {
  const app = threeConnections();
  const { page, flags } = await openPage(t, app);
  await until(async () => assert.equal((await names(page)).length, 3));
  app.delay = 500;
  await choose(page, 'Support', 'Poll now');
  await page.getByText('Polling now').waitFor();
  await until(() => assert.equal(flags[0]?.title, 'Support was polled'));
  await page.getByText('Polling now').waitFor({ state: 'detached' });
});

test('“Poll now” while a poll runs is followed by one more, whose result does not hide that of the first', async (t) => {
  const app = threeConnections();
  const { page, flags } = await openPage(t, app);
  await until(async () => assert.equal((await names(page)).length, 3));
  app.pollOutcome = () => ({ asked: null });
  for (let press = 0; press < 3; press += 1) {
    await choose(page, 'Support', 'Poll now');
    await page.getByText('Polling now').waitFor();
  }
  assert.equal(app.calls.filter(({ name }) => name === 'connections.poll').length, 1);
  app.pollOutcome = () => ({});
  app.calls.length = 0;
  await app.invoke('connections.poll', { id: 'c1' });
  await until(() => assert.deepEqual([flags[0]?.title, flags[1]?.title], ['Support was polled', 'Support was polled']));
  assert.equal(
    app.calls.filter(({ name }) => name === 'connections.poll').length,
    2,
    'the one of before, and one more',
  );
});

test('a poll that is put off is told, with when it will run, and its result is waited for', async (t) => {
  const app = threeConnections();
  const { page, flags } = await openPage(t, app);
  await until(async () => assert.equal((await names(page)).length, 3));
  app.pollOutcome = () => ({ asked: null });
  await page.clock.install();
  await choose(page, 'Support', 'Poll now');
  await page.getByText('Polling now').waitFor();
  await page.clock.fastForward(25_000);
  await until(() => assert.equal(flags[0]?.title, 'The poll of Support is not over yet'));
  assert.match(flags[0]?.description ?? '', /by 5 seconds first, then for longer each time, 15 minutes at most/);
  await page.getByText('Asked for', { exact: true }).waitFor();
  app.pollOutcome = () => ({});
  await app.invoke('connections.poll', { id: 'c1' });
  await page.clock.fastForward(15_000);
  await until(() => assert.equal(flags[1]?.title, 'Support was polled'));
  await page.getByText('Asked for', { exact: true }).waitFor({ state: 'detached' });
});

test('a poll that failed is told with its reason', async (t) => {
  const app = threeConnections();
  const { page, flags } = await openPage(t, app);
  await until(async () => assert.equal((await names(page)).length, 3));
  app.pollOutcome = () => ({ status: 'failing', trouble });
  await choose(page, 'Support', 'Poll now');
  await until(() => assert.equal(flags[0]?.title, 'Support could not be polled'));
  assert.deepEqual([flags[0]?.type, flags[0]?.description], ['error', trouble.message]);
  await page.getByText('Failing', { exact: true }).waitFor();
});

test('the list renews itself', async (t) => {
  const app = threeConnections();
  const { page } = await openPage(t, app);
  await until(async () => assert.equal((await names(page)).length, 3));
  app.add({ name: 'Made elsewhere' });
  await until(async () => assert.equal((await names(page)).length, 4));
});

test('a list that can’t be loaded says why, and loads when asked again', async (t) => {
  const app = threeConnections();
  const message = 'Jira did not answer in time. Try again in a minute.';
  app.failing.set('connections.list', { code: 'jira-busy', kind: 'transient', message });
  const { page } = await openPage(t, app);
  await page.getByRole('alert').getByText(message).waitFor();
  app.failing.clear();
  await page.getByRole('button', { name: 'Try again' }).click();
  await until(async () => assert.equal((await names(page)).length, 3));
  assert.equal(await page.getByRole('alert').count(), 0);
});

test('who is no administrator sees that, and nothing else', async (t) => {
  const app = threeConnections();
  app.isAdministrator = false;
  for (const path of ['', '/new', '/c1', '/c1/edit'].map((end) => `/incoming/connections${end}`)) {
    const { page } = await openPage(t, app, { path, mayComplain: true });
    await page.getByRole('heading', { name: 'Only Jira administrators can open this page' }).waitFor();
    assert.equal(await page.getByRole('button').count(), 0, path);
    assert.equal(await page.getByRole('textbox').count(), 0, path);
  }
});

test('an address that leads nowhere leads to the list', async (t) => {
  const { page, location } = await openPage(t, threeConnections(), { path: '/' });
  await page.getByRole('heading', { name: 'Incoming connections' }).waitFor();
  await until(async () => assert.equal(await location(), '/incoming/connections'));
});

test('a screen that could not be loaded says so, and does not keep the others from being shown', async (t) => {
  const { page, sideBar } = await openPage(t, fakeApp(), { mayComplain: true });
  await page.getByRole('heading', { name: 'No mailbox is connected yet' }).waitFor();
  await page.route(/activity-screen/, (route) => route.abort());
  await sideBar('/incoming/activity');
  await page.getByRole('heading', { name: 'This page could not be shown' }).waitFor();
  await page.getByText('could not be loaded over the network', { exact: false }).waitFor();
  await sideBar('/incoming/connections');
  await page.getByRole('heading', { name: 'No mailbox is connected yet' }).waitFor();
});
