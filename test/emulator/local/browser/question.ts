/** A question of the product's, in a dialog; false when the person cancels, or closes it. */
export function question(title: string, paragraphs: readonly string[], yes: string): Promise<boolean> {
  const dialog = document.createElement('dialog');
  dialog.className = 'question';
  const heading = document.createElement('h2');
  heading.textContent = title;
  dialog.setAttribute('aria-label', title);
  const texts = paragraphs.map((paragraph) => {
    const text = document.createElement('p');
    text.textContent = paragraph;
    return text;
  });
  const buttons = [yes, 'Cancel'].map((label) => {
    const button = document.createElement('button');
    button.textContent = label;
    button.onclick = () => dialog.close(label);
    return button;
  });
  const row = document.createElement('p');
  row.append(...buttons);
  dialog.append(heading, ...texts, row);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      dialog.remove();
      resolve(dialog.returnValue === yes);
    };
  });
}
