import type { Page } from 'playwright-core';
import { goodPassword } from './fake-mailbox';
import { pick } from './steps';

export const newForm = { path: '/incoming/connections/new' };
export const editForm = { path: '/incoming/connections/c1/edit' };
export const field = (page: Page, label: string) => page.getByRole('textbox', { name: label });
export const save = (page: Page) => page.getByRole('button', { name: 'Save' }).click();

export async function fillMailbox(page: Page, password = goodPassword): Promise<void> {
  await field(page, 'Host').fill('imap.example.com');
  await field(page, 'Username').fill('support@example.com');
  await page.getByLabel('Password').fill(password);
}

export async function fillAll(page: Page): Promise<void> {
  await field(page, 'Name').first().fill('Support');
  await fillMailbox(page);
  await pick(page, 'Project', 'Support (SUP)');
  await pick(page, 'Issue type', 'Bug');
}
