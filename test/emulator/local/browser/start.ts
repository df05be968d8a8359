/** The start page's buttons. */

async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(String(answer.message ?? response.status));
  return answer;
}

async function report(id: string, work: () => Promise<string>): Promise<void> {
  const place = document.getElementById(id);
  if (place === null) return;
  place.textContent = 'Working…';
  place.textContent = await work().catch((error: Error) => `That failed: ${error.message}`);
}

document.getElementById('sample')?.addEventListener('submit', (event) => {
  event.preventDefault();
  const { submitter, target } = event as SubmitEvent;
  const to = new FormData(target as HTMLFormElement).get('to');
  const kind = (submitter as HTMLButtonElement | null)?.value ?? 'plain';
  void report('sample-result', async () => {
    const { sent } = await post('/_local/sample-mail', { kind, to });
    return `${sent} ${sent === 1 ? 'mail' : 'mails'} sent to ${to}.`;
  });
});

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-trigger]')) {
  button.addEventListener('click', () => {
    void report('trigger-result', async () => {
      const { invocations } = await post(`/_local/trigger/${button.dataset.trigger}`, {});
      return `Done: ${invocations} invocations.`;
    });
  });
}

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
  const label = button.textContent;
  button.addEventListener('click', async () => {
    const text = document.getElementById(button.dataset.copy ?? '')?.textContent ?? '';
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
    setTimeout(() => {
      button.textContent = label;
    }, 2_000);
  });
}
