import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editForm, field, save } from './support/connection-form';
import { dialog } from './support/enable-dialog';
import { fakeApp } from './support/fake-app';
import { pages } from './support/pages';
import { until } from './support/steps';

const openPage = pages();
const warning =
  '“Support” is set to this mailbox too. Each mail becomes an issue in every one that is enabled. Enable only one of them to get one issue for each mail.';

test('a mailbox that another connection reads too is warned about after a save, on the page and before enabling', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Copy' }, { alsoReadBy: [{ id: 'c2', name: 'Support' }] });
  const { page, flags, location } = await openPage(t, app, editForm);
  await field(page, 'Description').fill('New words');
  await save(page);
  await until(async () => assert.equal(await location(), '/incoming/connections/c1'));
  assert.deepEqual([flags[0]?.type, flags[0]?.title, flags[0]?.description], ['warning', 'Copy is saved', warning]);
  await page.getByText(warning, { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Enable', exact: true }).click();
  await dialog(page).getByText(warning, { exact: true }).waitFor();
});

test('nothing is said of a mailbox that one connection reads', async (t) => {
  const app = fakeApp();
  app.add({ name: 'Copy' });
  const { page, flags } = await openPage(t, app, editForm);
  await field(page, 'Description').fill('New words');
  await save(page);
  await until(() => assert.deepEqual([flags[0]?.type, flags[0]?.description], ['success', '']));
  await page.getByRole('heading', { name: 'Status' }).waitFor();
  assert.equal(await page.getByText('this mailbox too').count(), 0);
});
