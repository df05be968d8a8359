import type { Address, Message } from '../../../../src/domain/message';
import { parseMessage } from '../../../../src/mail/mime';
import type { SentMail } from '../../mail-server/mail-server';
import { type Html, html } from '../html';
import { bytes, dateTime, page } from './layout';

/** Mails on the page; there may be a thousand. */
const shown = 100;
/** Characters of a raw mail on the page. */
const rawShown = 20_000;

/** Mail to people elsewhere, as received: it went no further than this. */
export async function outgoingPage(sent: readonly SentMail[]): Promise<string> {
  const newest = sent.slice(-shown).reverse();
  const rows = await Promise.all(newest.map(async (mail) => row(mail, await parseMessage(Buffer.from(mail.raw)))));
  const table = html`<div class="scroll"><table class="list">
<thead><tr><th>Sent</th><th>From (envelope)</th><th>To (envelope)</th><th>Mail</th></tr></thead><tbody>${rows}</tbody></table></div>`;
  const body = html`<h1>Outgoing mail</h1>
<p>Mail to people elsewhere, as the servers of this machine received it. It goes no further. The same as JSON: <a href="/_local/mail">/_local/mail</a></p>
${sent.length > shown && html`<p>The newest ${shown} of ${sent.length}.</p>`}
${sent.length === 0 ? html`<p class="empty">None yet.</p>` : table}`;
  return page({ title: 'Outgoing mail', here: 'mail', body });
}

function row({ at, envelope, raw }: SentMail, message: Message): Html {
  return html`<tr>
<td>${dateTime(at)}</td>
<td>${envelope.from}</td>
<td>${envelope.to.join(', ')}</td>
<td class="wide"><details><summary>${message.subject || '(no subject)'} (${bytes(raw.length)})</summary>${rendered(message)}
<details><summary>Raw</summary><pre>${raw.slice(0, rawShown)}${raw.length > rawShown && '\n…'}</pre></details></details></td>
</tr>`;
}

/** The mail as a mail program shows it. */
function rendered({ from, to, cc, replyTo, html: markup, text, attachments }: Message): Html {
  const people = (name: string, addresses: readonly Address[]) =>
    addresses.length > 0 && html`<dt>${name}</dt><dd>${addresses.map(personText).join(', ')}</dd>`;
  return html`<dl class="settings">
${people('From', from === null ? [] : [from])}${people('Reply to', replyTo)}${people('To', to)}${people('Cc', cc)}
${attachments.length > 0 && html`<dt>Attached</dt><dd>${attachments.map(({ fileName, content }) => `${fileName} (${bytes(content.byteLength)})`).join(', ')}</dd>`}
</dl>
${markup === null ? html`<pre>${text ?? ''}</pre>` : html`<iframe sandbox="" title="The mail" srcdoc="${markup}"></iframe>`}`;
}

const personText = ({ name, address }: Address): string => (name === '' ? address : `${name} <${address}>`);
