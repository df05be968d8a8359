import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editForm, field, fillAll, newForm, save } from './support/connection-form';
import { fakeApp } from './support/fake-app';
import { goodPassword } from './support/fake-mailbox';
import { pages } from './support/pages';
import { pick, until } from './support/steps';

const openPage = pages();

test('what the server refuses stands at its field, and goes when that is edited', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Support' });
  const { page } = await openPage(t, app, newForm);
  await fillAll(page);
  await save(page);
  const message = 'Another connection has this name. Choose a different one.';
  await page.locator('#field-name-message').getByText(message).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'field-name');
  await field(page, 'Name').first().fill('Support 2');
  await page.locator('#field-name-message').getByText(message).waitFor({ state: 'detached' });
  await save(page);
  await until(() => assert.equal(app.connections.size, 2));
});

test('an edit that leaves the password empty keeps it, and a new one replaces it', async (t) => {
  const app = fakeApp();
  app.add();
  const { page, location } = await openPage(t, app, editForm);
  await page.getByText('Leave it empty to keep the stored password.').waitFor();
  assert.equal(await page.getByLabel('Password').inputValue(), '');
  await field(page, 'Description').fill('New words');
  await save(page);
  await until(async () => assert.equal(await location(), '/incoming/connections/c1'));
  assert.equal(app.passwords.get('c1'), goodPassword);
  assert.equal(app.connections.get('c1')?.settings.description, 'New words');

  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await page.getByLabel('Password').fill('another');
  await save(page);
  await until(() => assert.equal(app.passwords.get('c1'), 'another'));
});

for (const [folder, option, title, description, status] of [
  ['Support/Done', 'Support/Done', 'Support is saved', 'The mailbox was tested and works.', 'polling'],
  [
    'Nowhere',
    'Use “Nowhere”',
    'Support is saved, but disabled',
    'There is no folder Nowhere. Choose one of the list.',
    'disabled',
  ],
] as const) {
  test(`an enabled connection that reads ${folder} from now on is ${status}, and the editor told why`, async (t) => {
    const app = fakeApp();
    app.add({ name: 'Support' }, { state: 'enabled', status: 'polling' });
    const { page, flags } = await openPage(t, app, editForm);
    await pick(page, 'Folder', folder, option);
    await save(page);
    await until(() => assert.deepEqual([flags[0]?.title, flags[0]?.description], [title, description]));
    assert.equal(app.connections.get('c1')?.status, status);
  });
}

test('a password that was stored for another server is asked for at its field', async (t) => {
  const app = fakeApp();
  app.add();
  const { page } = await openPage(t, app, editForm);
  await field(page, 'Host').fill('other.example.com');
  await save(page);
  await page.locator('#field-password-message').getByText('Enter the password again').waitFor();
  assert.ok(JSON.stringify(app.connections.get('c1')?.settings).includes('imap.example.com'));
});

test('a stale version is explained, and reloading asks before it discards what was typed', async (t) => {
  const app = fakeApp();
  const connection = app.add();
  const { page } = await openPage(t, app, editForm);
  await field(page, 'Description').fill('Mine');
  app.connections.set('c1', { ...connection, version: 2, settings: { ...connection.settings, description: 'Theirs' } });
  await save(page);
  await page.getByRole('heading', { name: 'Somebody else has changed this connection' }).waitFor();
  assert.equal(await field(page, 'Description').inputValue(), 'Mine');

  await page.getByRole('button', { name: 'Reload the connection' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await field(page, 'Description').inputValue(), 'Mine');

  await page.getByRole('button', { name: 'Reload the connection' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Reload', exact: true }).click();
  await until(async () => assert.equal(await field(page, 'Description').inputValue(), 'Theirs'));
  await field(page, 'Description').fill('Both');
  await save(page);
  await until(() => assert.equal(app.connections.get('c1')?.settings.description, 'Both'));
});

test('leaving with unsaved changes asks, by Cancel and by the side bar', async (t) => {
  const { page, location, sideBar } = await openPage(t, fakeApp(), newForm);
  await field(page, 'Name').first().fill('Half done');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Keep editing' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await sideBar('/incoming/connections');
  await page.getByRole('button', { name: 'Keep editing' }).click();
  await until(async () => assert.equal(await location(), '/incoming/connections/new'));
  assert.equal(await field(page, 'Name').first().inputValue(), 'Half done');
  await sideBar('/incoming/connections');
  await page.getByRole('button', { name: 'Leave without saving' }).click();
  await page.getByRole('heading', { name: 'Incoming connections' }).waitFor();
  assert.equal(await location(), '/incoming/connections');
});

test('leaving without changes does not ask', async (t) => {
  const { page } = await openPage(t, fakeApp(), newForm);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('heading', { name: 'Incoming connections' }).waitFor();
});

test('a connection that is gone is said to be, instead of an empty form', async (t) => {
  const { page } = await openPage(t, fakeApp(), editForm);
  await page.getByRole('alert').getByText('This connection was deleted.').waitFor();
  assert.equal(await page.getByRole('textbox').count(), 0);
});
