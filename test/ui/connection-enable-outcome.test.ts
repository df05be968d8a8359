import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acknowledgement, confirm, dialog, openDialog, start, started } from './support/enable-dialog';
import { counted, fakeApp } from './support/fake-app';
import { pages } from './support/pages';
import { choose, until } from './support/steps';

const openPage = pages();

test('a connection that was polled before goes on where it stopped, unless told otherwise', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' }, { canContinue: true, polledAt: Date.now() - 60_000 });
  app.estimates.continue = counted(2);
  const { page } = await openDialog(openPage(t, app));
  assert.ok(await start(page, /^Go on where it stopped/).isChecked());
  await acknowledgement(page).check();
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
  const { page } = await openDialog(openPage(t, app));
  await dialog(page).getByRole('alert').getByText(message).waitFor();
  await page.getByText('The server said: “AUTHENTICATIONFAILED”').waitFor();
  assert.ok(await confirm(page).isDisabled());
  app.failing.clear();
  await page.getByRole('button', { name: 'Count again' }).click();
  await until(async () => assert.ok(await confirm(page).isEnabled()));
});

test('a refusal to enable stays in the dialog, and nothing is said to be enabled', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  const message = 'Somebody else changed this connection meanwhile.';
  app.failing.set('connections.enable', { code: 'stale-version', kind: 'input', message });
  const { page, flags } = await openDialog(openPage(t, app));
  await confirm(page).click();
  await page.getByRole('alert').getByText(message).waitFor();
  assert.deepEqual(flags, []);
});

test('a saved connection is tested with its stored password', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  const { page } = await openPage(t, app);
  await choose(page, 'Support', 'Test');
  await page.getByRole('dialog').getByText('The connection works').waitFor();
  app.passwords.set('c1', 'changed elsewhere');
  await page.getByRole('button', { name: 'Test again' }).click();
  await page.getByRole('dialog').getByText('The test stopped at: Sign in').waitFor();
});

for (const [provider, counted] of [
  ['imap', '12 messages in the folder, 3 of them unread.'],
  ['pop3', '12 messages in the mailbox.'],
] as const) {
  test(`a test says of a ${provider} mailbox what its protocol knows: ${counted}`, async (t) => {
    const app = fakeApp();
    app.add({ name: 'Support', provider, host: 'mail.example.com' });
    const { page } = await openPage(t, app);
    await choose(page, 'Support', 'Test');
    await page.getByRole('dialog').getByText(counted, { exact: true }).waitFor();
  });
}
