import type { SentMail } from '../../mail-server/mail-server';
import { html } from '../html';
import { bytes, dateTime, page } from './layout';

/** Mail to people elsewhere: it went no further than this. */
export function outgoingPage(sent: readonly SentMail[]): string {
  const rows = [...sent].reverse().map(
    ({ at, envelope, raw }) => html`<tr>
<td>${dateTime(at)}</td>
<td>${envelope.from}</td>
<td>${envelope.to.join(', ')}</td>
<td class="wide"><details><summary>${subjectOf(raw)} (${bytes(raw.length)})</summary><pre>${raw.slice(0, 20_000)}</pre></details></td>
</tr>`,
  );
  const table = html`<div class="scroll"><table class="list">
<thead><tr><th>Sent</th><th>From</th><th>To</th><th>Mail</th></tr></thead><tbody>${rows}</tbody></table></div>`;
  const body = html`<h1>Outgoing mail</h1>
<p>Mail to people elsewhere, as the embedded server received it. It goes no further. The same as JSON: <a href="/_local/mail">/_local/mail</a></p>
${sent.length === 0 ? html`<p class="empty">None yet.</p>` : table}`;
  return page({ title: 'Outgoing mail', here: 'mail', body });
}

const subjectOf = (raw: string): string =>
  /^subject:[ \t]*(.*)$/im.exec(raw.slice(0, 10_000))?.[1]?.trim() || '(no subject)';
