import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  acknowledgement,
  confirm,
  dialog,
  handles,
  openDialog,
  previews,
  start,
  started,
} from './support/enable-dialog';
import { counted, type FakeApp, fakeApp } from './support/fake-app';
import { pages } from './support/pages';
import { until } from './support/steps';

const openPage = pages();
const before = { canContinue: true, polledAt: Date.now() } as const;
const deletion = (page: Parameters<typeof dialog>[0]) =>
  dialog(page).getByRole('checkbox', { name: /^I understand that .* deleted/ });

function deleting(): FakeApp {
  const app = fakeApp();
  app.add({ name: 'Support', afterDownload: 'delete' }, before);
  app.estimates.everything = { ...counted(1, handles.slice(0, 1)), reached: 29, taken: 28, left: 0, settled: 29 };
  app.previews = previews;
  return app;
}

test('what was taken before is no new mail, and needs no acknowledgement where it is only marked as read', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' }, before);
  app.estimates.everything = { ...counted(0), reached: 27, taken: 27, left: 0, settled: 27 };
  const { page } = await openDialog(openPage(t, app));
  await start(page, /^Everything in the folder/).check();
  await dialog(page).getByText('27 in the folder, 27 already taken, 0 new, counted exactly').waitFor();
  await dialog(page).getByText('In the mailbox, 27 messages will be marked as read.', { exact: false }).waitFor();
  assert.equal(await acknowledgement(page).count(), 0);
  await confirm(page).click();
  await until(() => assert.deepEqual(started(app), { id: 'c1', version: 1, start: { from: 'everything' } }));
});

test('deleting is named with its number, and needs an acknowledgement of its own after the preview', async (t) => {
  const app = deleting();
  const { page } = await openDialog(openPage(t, app));
  await start(page, /^Everything in the folder/).check();
  await dialog(page).getByRole('heading', { name: '29 messages will be deleted for good' }).waitFor();
  await dialog(page).getByText('After 1 issue is created.').waitFor();
  await dialog(page).getByText('28 of these were taken before', { exact: false }).waitFor();
  await dialog(page).getByText('Question 0').waitFor();
  const text = await dialog(page).innerText();
  assert.ok(text.indexOf('Question 0') < text.indexOf('will be deleted for good'), 'it stands after the preview');
  await acknowledgement(page).first().check();
  assert.ok(await confirm(page).isDisabled(), 'issues are agreed to, deleting is not');
  await deletion(page).check();
  await confirm(page).click();
  const payload = { id: 'c1', version: 1, start: { from: 'everything' }, deletes: 29 };
  await until(() => assert.deepEqual(started(app), payload));
});

test('more mail than was agreed to is counted again, and has to be agreed to', async (t) => {
  const app = deleting();
  const message = '30 messages of the mailbox would be deleted for good now.';
  const { page } = await openDialog(openPage(t, app, { height: 500 }));
  await start(page, /^Everything in the folder/).check();
  await acknowledgement(page).first().check();
  await deletion(page).check();
  app.failing.set('connections.enable', { code: 'deletion-grew', kind: 'input', message });
  app.estimates.everything = { ...counted(2, handles.slice(0, 2)), reached: 30, taken: 28, left: 0, settled: 30 };
  app.estimates.unread = counted(17);
  await confirm(page).click();
  await dialog(page).getByRole('alert').getByText(message).waitFor();
  await dialog(page).getByRole('heading', { name: '30 messages will be deleted for good' }).waitFor();
  await dialog(page).getByText('17 messages, counted exactly').waitFor();
  assert.ok(!(await acknowledgement(page).first().isChecked()), 'one issue was agreed to, not two');
  const refusal = dialog(page).getByRole('alert').filter({ hasText: message });
  await until(async () => {
    const { y = 0, height = 0 } = (await refusal.boundingBox()) ?? {};
    assert.ok(y > 0 && y + height < 500, 'the refusal is in view');
  });
  assert.ok(!(await deletion(page).isChecked()));
  assert.ok(await confirm(page).isDisabled());
});

test('a start without mail deletes none now, and says that it will', async (t) => {
  const app = deleting();
  const { page } = await openDialog(openPage(t, app));
  await start(page, /^Only mail that arrives from now on/).check();
  await dialog(page).getByText('No mail that is in the mailbox now is deleted.', { exact: false }).waitFor();
  assert.equal(await deletion(page).count(), 0);
  assert.ok(await confirm(page).isEnabled());
});
