import type { Page } from 'playwright-core';
import type { OpenPage } from './browser-page';
import type { FakeApp } from './fake-app';
import { choose } from './steps';

/** Asks for it in the menu of the connection "Support". */
export async function openDialog(opening: Promise<OpenPage>): Promise<OpenPage> {
  const open = await opening;
  await choose(open.page, 'Support', 'Enable');
  return open;
}

export const dialog = (page: Page) => page.getByRole('dialog');
export const confirm = (page: Page) => dialog(page).getByRole('button', { name: 'Enable' });
export const start = (page: Page, name: RegExp) => dialog(page).getByRole('radio', { name });
export const acknowledgement = (page: Page) => dialog(page).getByRole('checkbox', { name: /^I understand/ });
export const started = (app: FakeApp) => app.calls.find(({ name }) => name === 'connections.enable')?.payload;
export const counts = (app: FakeApp) =>
  app.calls.flatMap(({ name, payload }) => (name === 'connections.estimate' ? [Object(payload).start] : []));

/** Lets the count of unread mail wait until the function that comes back is called. */
export function holdUnread(app: FakeApp): () => void {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  app.before = async (name, payload) => {
    if (name === 'connections.estimate' && Object(payload).start.from === 'unread') await held;
  };
  return () => release();
}

export const handles = Array.from({ length: 10 }, (_, index) => `7.${index}`);
export const previews = handles.map((handle, index) => ({
  handle,
  receivedAt: Date.UTC(2026, 0, index + 1, 20),
  from: `Ann <ann${index}@example.com>`,
  subject: index === 9 ? '' : `Question ${index}`,
}));
