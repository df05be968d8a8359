import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  acknowledgement,
  confirm,
  counts,
  dialog,
  handles,
  holdUnread,
  openDialog,
  previews,
  start,
  started,
} from './support/enable-dialog';
import { counted, fakeApp } from './support/fake-app';
import { pages } from './support/pages';
import { until } from './support/steps';

const openPage = pages();

test('the dialog is there at once, counts one start after the other, and begins with new mail only', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  let atOnce = 0;
  let most = 0;
  app.before = async (name) => {
    if (name !== 'connections.estimate') return;
    atOnce += 1;
    most = Math.max(most, atOnce);
    await new Promise((resolve) => setTimeout(resolve, 100));
    atOnce -= 1;
  };
  const { page, flags } = await openDialog(openPage(t, app));
  await dialog(page).getByText('Searching for new messages…').waitFor();
  assert.ok(await start(page, /^Only mail that arrives from now on/).isChecked());
  await dialog(page).getByText('12 messages, counted exactly').waitFor();
  await dialog(page).getByText('Searching for new messages…').waitFor({ state: 'hidden' });
  assert.equal(most, 1, 'a POP3 server lets one in at a time');
  assert.deepEqual(
    counts(app).map(({ from }) => from),
    ['now', 'unread', 'since', 'everything'],
  );
  assert.equal(await acknowledgement(page).count(), 0);
  await confirm(page).click();
  await until(() => assert.deepEqual(started(app), { id: 'c1', version: 1, start: { from: 'now' } }));
  await page.getByText('Polling', { exact: true }).waitFor();
  assert.equal(flags[0]?.title, 'Support is enabled');
});

for (const [name, label, from, count] of [
  ['unread mail', /^Unread mail/, 'unread', 3],
  ['everything', /^Everything in the folder/, 'everything', 1_234],
] as const) {
  test(`${name} needs to be acknowledged with its number, again after another choice`, async (t) => {
    const app = fakeApp();
    app.add({ name: 'Support' });
    app.estimates[from] = counted(count);
    const { page } = await openDialog(openPage(t, app));
    await start(page, label).check();
    await acknowledgement(page).waitFor();
    assert.ok(await confirm(page).isDisabled());
    assert.match(await dialog(page).innerText(), new RegExp(`issues from ${count.toLocaleString('en')} messages`));
    await acknowledgement(page).check();
    assert.ok(await confirm(page).isEnabled());
    await start(page, /^Mail received since/).check();
    await until(async () => assert.ok(!(await acknowledgement(page).isChecked())));
    assert.ok(await confirm(page).isDisabled());
    await start(page, label).check();
    await acknowledgement(page).check();
    await confirm(page).click();
    await until(() => assert.deepEqual(started(app), { id: 'c1', version: 1, start: { from } }));
  });
}

test('speaks of the mailbox where the provider has no folders', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support', provider: 'pop3', host: 'pop.example.com', port: 995 });
  const { page } = await openDialog(openPage(t, app));
  await start(page, /^Everything in the mailbox, and what arrives from now on/).waitFor();
  assert.doesNotMatch(await dialog(page).innerText(), /folder/i);
});

test('a date counts from its beginning in the reader’s time zone, thirty days ago at first', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  const { page } = await openDialog(openPage(t, app));
  await start(page, /^Mail received since/).check();
  const field = dialog(page).getByLabel('Received since', { exact: true });
  const monthAgo = new Intl.DateTimeFormat('sv', { timeZone: 'Asia/Tokyo' }).format(Date.now() - 30 * 24 * 3_600_000);
  assert.equal(await field.inputValue(), monthAgo);
  await field.fill('2026-03-05');
  await until(() => assert.deepEqual(counts(app).at(-1), { from: 'since', since: Date.UTC(2026, 2, 4, 15) }));
  await acknowledgement(page).check();
  await confirm(page).click();
  const since = { from: 'since', since: Date.UTC(2026, 2, 4, 15) };
  await until(() => assert.deepEqual(started(app), { id: 'c1', version: 1, start: since }));
});

test('a date in the future, or none, is refused beside the field', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  const { page } = await openDialog(openPage(t, app));
  await start(page, /^Mail received since/).check();
  const field = dialog(page).getByLabel('Received since', { exact: true });
  await field.fill('2099-01-01');
  await dialog(page).getByText('Enter a day that is not in the future.').waitFor();
  assert.ok(await confirm(page).isDisabled());
  await field.fill('');
  await dialog(page).getByText('Enter a date.').waitFor();
  assert.ok(await confirm(page).isDisabled());
  await field.fill('2026-03-05');
  await acknowledgement(page).waitFor();
  assert.ok(!counts(app).some(({ since }) => since > Date.now()));
});

test('a slow count does not keep from choosing another start', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  const release = holdUnread(app);
  const { page } = await openDialog(openPage(t, app));
  await dialog(page).getByText('Being counted…').waitFor();
  await start(page, /^Unread mail/).check();
  assert.ok(await confirm(page).isDisabled(), 'nobody knows yet how many these are');
  await start(page, /^Only mail that arrives from now on/).check();
  assert.ok(await confirm(page).isEnabled());
  await start(page, /^Everything in the folder/).check();
  release();
  await acknowledgement(page).waitFor();
  await until(() =>
    assert.deepEqual(
      counts(app).map(({ from }) => from),
      ['now', 'unread', 'everything', 'since'],
      'the chosen one comes next',
    ),
  );
});

test('the first ten messages of the chosen start are shown with date, sender and subject', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  app.estimates.everything = counted(25, handles);
  app.estimates.unread = counted(2, handles.slice(0, 2));
  app.previews = previews;
  const { page } = await openDialog(openPage(t, app));
  await start(page, /^Everything in the folder/).check();
  await dialog(page).getByText('The first 10 of them, oldest first:').waitFor();
  const rows = () => dialog(page).locator('tbody tr').allInnerTexts();
  assert.equal((await rows()).length, 10);
  assert.match((await rows())[0] ?? '', /Jan 2, 2026, 5:00 AM\s+Ann <ann0@example.com>\s+Question 0/);
  assert.match((await rows())[9] ?? '', /No subject/);
  await start(page, /^Unread mail/).check();
  await dialog(page).getByText('These 2 messages become issues:').waitFor();
  assert.equal((await rows()).length, 2);
  await start(page, /^Only mail that arrives/).check();
  assert.equal(await dialog(page).locator('tbody tr').count(), 0);
});

test('a preview that can’t be had does not keep from enabling', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  app.estimates.everything = counted(25, handles);
  app.previews = previews;
  app.failing.set('connections.preview', { code: 'timeout', kind: 'transient', message: 'The server was too slow.' });
  const { page } = await openDialog(openPage(t, app));
  await start(page, /^Everything in the folder/).check();
  await dialog(page).getByRole('alert').getByText('The server was too slow.').waitFor();
  await acknowledgement(page).check();
  assert.ok(await confirm(page).isEnabled());
  app.failing.clear();
  await dialog(page).getByRole('button', { name: 'Try again' }).click();
  await dialog(page).getByText('The first 10 of them, oldest first:').waitFor();
});

test('everything in an empty folder needs no acknowledgement', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  app.estimates.everything = counted(0);
  const { page } = await openDialog(openPage(t, app));
  await start(page, /^Everything in the folder/).check();
  await until(async () => assert.ok(await confirm(page).isEnabled()));
  assert.equal(await acknowledgement(page).count(), 0);
  await confirm(page).click();
  await until(() => assert.ok(started(app)));
});

for (const [confidence, count, text, title] of [
  ['estimate', 12, '12 messages, an estimate', 'This count is an estimate'],
  ['unknown', null, 'The server does not say how many messages', 'This count is uncertain'],
] as const) {
  test(`a count that is ${confidence} is told as such with the reason, and acknowledged`, async (t) => {
    const app = fakeApp();
    app.add({ name: 'Support' });
    const reason = 'POP3 has no read marks.';
    app.estimates.everything = { count, confidence, reason, available: true, first: [] };
    const { page } = await openDialog(openPage(t, app));
    await dialog(page).getByText(text).click();
    await dialog(page).getByText(title).waitFor();
    await dialog(page).getByText(reason).waitFor();
    assert.ok(await confirm(page).isDisabled());
    await acknowledgement(page).check();
    assert.ok(await confirm(page).isEnabled());
  });
}

test('a start that the provider can’t have is disabled, and says why', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  const reason = 'POP3 does not tell which mail is unread.';
  app.estimates.unread = { count: null, confidence: 'unknown', reason, available: false, first: [] };
  const { page } = await openDialog(openPage(t, app));
  await dialog(page).getByText(`Not available. ${reason}`).waitFor();
  assert.ok(await start(page, /^Unread mail/).isDisabled());
  assert.ok(await confirm(page).isEnabled());
});

test('a start that turns out to be unavailable once it was chosen can’t be enabled', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  app.estimates.unread = {
    count: null,
    confidence: 'unknown',
    reason: 'It is not known.',
    available: false,
    first: [],
  };
  const release = holdUnread(app);
  const { page } = await openDialog(openPage(t, app));
  await start(page, /^Unread mail/).check();
  release();
  await dialog(page).getByText('Not available. It is not known.').waitFor();
  assert.ok(await confirm(page).isDisabled());
});

test('the starts are chosen and acknowledged by keyboard', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  const { page } = await openDialog(openPage(t, app));
  await dialog(page).getByText('12 messages, counted exactly').waitFor();
  await start(page, /^Only mail that arrives/).focus();
  await page.keyboard.press('ArrowDown');
  assert.ok(await start(page, /^Unread mail/).isChecked());
  await acknowledgement(page).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  assert.ok(await acknowledgement(page).isChecked());
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await until(() => assert.deepEqual(started(app), { id: 'c1', version: 1, start: { from: 'unread' } }));
});
