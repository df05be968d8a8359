import { showFlag } from '@forge/bridge';

let count = 0;

/** Tells the reader, in the product's own corner of the screen, that something worked (`success`), or has a catch (`warning`), or did not (`error`). */
export function flag(type: 'success' | 'info' | 'warning' | 'error', title: string, description = ''): void {
  count += 1;
  showFlag({ id: `letterbox-${count}`, type, title, description, isAutoDismiss: true });
}
