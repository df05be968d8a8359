import type { FrameLocator, Page } from 'playwright-core';

/** Where the app's page is: by itself, or in a product's frame. */
type Place = Page | FrameLocator;

/** Waits until a check passes; its last failure is the test's. */
export async function until(check: () => void | Promise<void>, patienceMs = 20_000): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await check();
    } catch (failure) {
      if (Date.now() > deadline) throw failure;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** The names in the list, from top to bottom. */
export function names(page: Place): Promise<string[]> {
  return page.locator('tbody tr td:first-child').allInnerTexts();
}

/** Picks an action from the menu of a row. */
export async function choose(page: Place, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
}

/** Chooses an option of a select field; what is typed to find it may differ from how it is called. */
export async function pick(page: Place, label: string, typed: string, option: string | RegExp = typed): Promise<void> {
  const box = page.getByRole('combobox', { name: label });
  // The input of a select field without search lies outside of the window; the keyboard reaches it all the same.
  await box.press('ArrowDown');
  if (option !== typed) await box.pressSequentially(typed);
  await page.getByRole('option', typeof option === 'string' ? { name: option, exact: true } : { name: option }).click();
}
