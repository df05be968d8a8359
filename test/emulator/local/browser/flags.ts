/** Flags in the product's own corner of the screen. What an app says is text, never markup. */
export interface FlagOptions {
  id: string;
  type?: string;
  title?: string;
  description?: string;
  actions: string[];
  isAutoDismiss?: boolean;
}

const flagId = (id: string) => `flag-${id}`;

/** @param onAction called with the position of the action that was chosen */
export function showFlag(
  { id, type = 'info', title = '', description = '', actions, isAutoDismiss }: FlagOptions,
  onAction: (index: number) => void,
): void {
  document.getElementById(flagId(id))?.remove();
  const flag = Object.assign(document.createElement('section'), { id: flagId(id), className: `flag ${type}` });
  flag.setAttribute('role', 'alert');
  const header = document.createElement('header');
  const close = Object.assign(document.createElement('button'), {
    type: 'button',
    textContent: '×',
    ariaLabel: 'Dismiss',
  });
  close.onclick = () => flag.remove();
  header.append(Object.assign(document.createElement('span'), { textContent: title }), close);
  const buttons = actions.map((text, index) => {
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: text });
    button.onclick = () => onAction(index);
    return button;
  });
  flag.append(
    header,
    ...(description === '' ? [] : [Object.assign(document.createElement('p'), { textContent: description })]),
    ...buttons,
  );
  document.querySelector('.flags')?.append(flag);
  if (isAutoDismiss) setTimeout(() => flag.remove(), 8_000);
}

export const closeFlag = (id: string): void => document.getElementById(flagId(id))?.remove();
