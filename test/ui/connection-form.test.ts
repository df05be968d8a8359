import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { field, fillAll, fillMailbox, newForm, save } from './support/connection-form';
import { fakeApp } from './support/fake-app';
import { goodPassword } from './support/fake-mailbox';
import { pages } from './support/pages';
import { pick, until } from './support/steps';

const openPage = pages();

const port = (page: Page) => page.getByRole('spinbutton', { name: 'Port' });

test('a new connection is saved as the form says, with the rest at its defaults', async (t) => {
  const app = fakeApp();
  const { page, flags, location } = await openPage(t, app, newForm);
  await fillAll(page);
  await save(page);
  await page.getByRole('heading', { name: 'Support', level: 1 }).waitFor();
  assert.equal(await location(), '/incoming/connections/c1');
  assert.deepEqual([flags[0]?.type, flags[0]?.title], ['success', 'Support is saved']);
  assert.deepEqual(app.connections.get('c1')?.settings, {
    provider: 'imap',
    name: 'Support',
    description: '',
    encryption: 'tls',
    host: 'imap.example.com',
    port: 993,
    username: 'support@example.com',
    folder: '',
    intervalMinutes: 1,
    afterDownload: 'mark-read',
    moveTo: '',
    timeoutMs: 10_000,
    largestMailMb: 25,
    privateCa: '',
    target: { projectId: '10000', issueTypeId: '2' },
  });
  assert.equal(app.passwords.get('c1'), goodPassword);
});

test('an empty form does not shout before anybody typed, and names every missing field on Save', async (t) => {
  const app = fakeApp();
  const { page } = await openPage(t, app, newForm);
  await page.getByRole('button', { name: 'Save' }).waitFor();
  assert.equal(await page.getByText('Enter the host name of the mail server.').count(), 0);
  await save(page);
  const asked = [
    'Enter a name.',
    'Enter the host name of the mail server.',
    'Enter the user name.',
    'Enter the password.',
    'Choose a project.',
    'Choose an issue type.',
  ];
  for (const text of asked) await page.getByText(text, { exact: true }).waitFor();
  assert.equal(
    app.calls.some(({ name }) => name === 'connections.create'),
    false,
  );
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'field-name');
});

for (const [label, value, message] of [
  ['Host', 'https://imap.example.com', 'Enter a host name such as imap.example.com'],
  ['Name', 'x'.repeat(101), 'Use at most 100 characters.'],
  ['Private CA', 'not a certificate', 'Paste one or more certificates in PEM form'],
] as const) {
  test(`${label} is checked while typing`, async (t) => {
    const { page } = await openPage(t, fakeApp(), newForm);
    await field(page, label).first().fill(value);
    await page.getByText(message).waitFor();
    assert.equal(await field(page, label).first().getAttribute('aria-invalid'), 'true');
    await field(page, label).first().fill('');
    await page.getByText(message).waitFor({ state: 'detached' });
  });
}

for (const [label, bad, message, good] of [
  ['Port', '70000', 'Enter a port from 1 to 65535.', '1143'],
  ['Port', '', 'Enter a port number.', '1'],
  ['Interval in minutes', '61', 'Enter at most 60 minutes.', '60'],
  ['Interval in minutes', '1.5', 'Enter whole minutes.', '1'],
  ['Timeout in milliseconds', '0', 'Enter at least 1 ms.', '60000'],
  ['Largest mail in MB', '51', 'Enter at most 50 MB.', '50'],
] as const) {
  test(`${label} takes ${good} and refuses “${bad}”`, async (t) => {
    const { page } = await openPage(t, fakeApp(), newForm);
    const input = page.getByRole('spinbutton', { name: label });
    await input.fill(bad);
    await page.getByText(message).waitFor();
    await input.fill(good);
    await page.getByText(message).waitFor({ state: 'detached' });
  });
}

test('the port follows the encryption until it is edited', async (t) => {
  const { page } = await openPage(t, fakeApp(), newForm);
  assert.equal(await port(page).inputValue(), '993');
  await pick(page, 'Encryption', 'STARTTLS');
  assert.equal(await port(page).inputValue(), '143');
  await port(page).fill('1143');
  await pick(page, 'Encryption', 'SSL/TLS');
  assert.equal(await port(page).inputValue(), '1143');
});

test('no encryption and deleting are warned about, and nothing else is', async (t) => {
  const { page } = await openPage(t, fakeApp(), newForm);
  const unprotected = page.getByText('Password and mail travel unprotected');
  const forGood = page.getByText('deleted from the mailbox for good');
  await page.getByRole('button', { name: 'Save' }).waitFor();
  assert.deepEqual([await unprotected.count(), await forGood.count()], [0, 0]);
  await pick(page, 'Encryption', 'None');
  await unprotected.waitFor();
  await pick(page, 'After download', 'Delete');
  await forGood.waitFor();
});

test('deleting is warned about in the words of what the provider does', async (t) => {
  const { page } = await openPage(t, fakeApp(), newForm);
  await pick(page, 'After download', 'Delete');
  for (const [provider, words] of [
    ['Google OAuth2', 'moved to Gmail’s trash'],
    ['Microsoft 365 Graph API (OAuth2)', 'can be recovered in Outlook'],
    ['Microsoft 365 IMAP (OAuth2)', 'for good'],
    ['POP3', 'for good'],
  ] as const) {
    await pick(page, 'Service provider', provider);
    await page.getByText(words, { exact: false }).waitFor();
    assert.equal(await page.getByText('for good', { exact: false }).count(), words === 'for good' ? 1 : 0);
  }
});

test('a mailbox can be tested before the form is complete, step by step', async (t) => {
  const { page } = await openPage(t, fakeApp(), newForm);
  await fillMailbox(page);
  await page.getByRole('button', { name: 'Test connection' }).click();
  await page.getByText('The connection works').waitFor();
  const steps = await page.getByRole('listitem').allInnerTexts();
  assert.equal(steps.length, 6);
  assert.match(steps[2] ?? '', /Secure the connection\s+24 ms\s+TLSv1\.3, imap\.example\.com, valid until 2027-01-31/);
  assert.equal(await page.getByText('Enter a name.').count(), 0);
});

for (const [what, change, step, words] of [
  ['a wrong password', (page: Page) => page.getByLabel('Password').fill('wrong'), 'Sign in', 'AUTHENTICATIONFAILED'],
  [
    'an unknown host',
    (page: Page) => field(page, 'Host').fill('nowhere.invalid'),
    'Look up the host name',
    'nowhere.invalid',
  ],
  [
    'an unknown folder',
    (page: Page) => pick(page, 'Folder', 'Nowhere', 'Use “Nowhere”'),
    'Open the folder',
    'NONEXISTENT',
  ],
] as const) {
  test(`a test with ${what} names the step and says what to do`, async (t) => {
    const { page } = await openPage(t, fakeApp(), newForm);
    await fillMailbox(page);
    await change(page);
    await page.getByRole('button', { name: 'Test connection' }).click();
    await page.getByRole('heading', { name: `The test stopped at: ${step}` }).waitFor();
    await page.getByText(words).first().waitFor();
    const failed = page.getByRole('listitem').filter({ has: page.getByRole('img', { name: 'Failed' }) });
    await failed.getByText(step).waitFor();
  });
}

test('a report about settings that were changed since is taken away', async (t) => {
  const { page } = await openPage(t, fakeApp(), newForm);
  await fillMailbox(page);
  await page.getByRole('button', { name: 'Test connection' }).click();
  await page.getByText('The connection works').waitFor();
  await field(page, 'Host').fill('other.example.com');
  await page.getByText('The connection works').waitFor({ state: 'detached' });
});

test('the folder is picked from the server’s own list, where a node without mail can’t be picked', async (t) => {
  const app = fakeApp();
  const { page } = await openPage(t, app, newForm);
  await page.getByRole('combobox', { name: 'Folder' }).click();
  await page.getByText('Fill in host, username and password to see the server’s folders.').waitFor();
  await page.keyboard.press('Escape');
  await fillMailbox(page);
  await page.getByRole('combobox', { name: 'Folder' }).click();
  const options = page.getByRole('option');
  await until(async () => assert.deepEqual(await options.allInnerTexts(), ['INBOX', 'Support/Done', 'Support']));
  assert.equal(await options.nth(2).getAttribute('aria-disabled'), 'true');
  await options.nth(1).click();
  await page.getByRole('combobox', { name: 'Folder' }).click();
  assert.equal(await page.getByText('Support/Done').first().isVisible(), true);
});

test('moving needs a folder, and another one than the one that is read', async (t) => {
  const app = fakeApp();
  const { page } = await openPage(t, app, newForm);
  await fillAll(page);
  await pick(page, 'After download', 'Move to folder');
  await save(page);
  await page.getByText('Choose the folder that mail is moved to.').waitFor();
  await pick(page, 'Move to', 'INBOX');
  await page.getByText('Choose another folder than the one that is read.').waitFor();
  await pick(page, 'Move to', 'Support/Done');
  await save(page);
  await until(() => assert.equal(app.connections.get('c1')?.settings.moveTo, 'Support/Done'));
});

test('the form is filled in and saved with the keyboard alone', async (t) => {
  const app = fakeApp();
  const { page } = await openPage(t, app, newForm);
  await field(page, 'Name').first().focus();
  const type = async (text: string) => page.keyboard.type(text);
  const tab = (times: number) =>
    Array.from({ length: times }).reduce<Promise<void>>(
      (before) => before.then(() => page.keyboard.press('Tab')),
      Promise.resolve(),
    );
  await type('By keyboard');
  await tab(4); // description, provider, encryption, host
  await type('imap.example.com');
  await tab(2); // port, username
  await type('support@example.com');
  await tab(1);
  await type(goodPassword);
  await tab(5); // folder, test, interval, after download, project
  await type('Dev');
  await page.getByRole('option', { name: 'Development (DEV)' }).waitFor();
  await page.keyboard.press('Enter');
  await tab(1);
  await page.keyboard.press('ArrowDown');
  await page.getByRole('option', { name: 'Task' }).waitFor();
  await page.keyboard.press('Enter');
  await field(page, 'Name').first().focus();
  await page.keyboard.press('Enter');
  await until(() => assert.equal(app.connections.get('c1')?.settings.target.projectId, '10001'));
});

test('POP3 has its own ports, no folder and no moving, and says what Mark as read means there', async (t) => {
  const { page } = await openPage(t, fakeApp(), newForm);
  const warning = page.getByText('POP3 knows no read marks');
  await pick(page, 'After download', 'Move to folder');
  assert.equal(await warning.count(), 0);
  await pick(page, 'Service provider', 'POP3');
  await warning.waitFor();
  assert.equal(await port(page).inputValue(), '995');
  assert.equal(await page.getByRole('combobox', { name: /Folder|Move to/ }).count(), 0);
  await page.getByRole('combobox', { name: 'After download' }).press('ArrowDown');
  await until(async () => assert.deepEqual(await page.getByRole('option').allInnerTexts(), ['Mark as read', 'Delete']));
  await page.getByRole('option', { name: 'Delete' }).click();
  await warning.waitFor({ state: 'detached' });
  await pick(page, 'Service provider', 'IMAP');
  assert.equal(await port(page).inputValue(), '993');
});

test('a provider without a credential leads to where one is added, and shouts at nobody', async (t) => {
  const { page } = await openPage(t, fakeApp(), newForm);
  await pick(page, 'Service provider', 'Google OAuth2');
  await page.getByText('There is no credential for Google yet.').waitFor();
  assert.equal(await page.locator('[aria-invalid="true"]').count(), 0);
  await page.getByRole('button', { name: 'Add a credential' }).click();
  await page.getByRole('button', { name: 'Leave without saving' }).click();
  await page.getByRole('heading', { name: 'Add OAuth2 credential' }).waitFor();
});
