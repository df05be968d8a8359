import { jiraLimits } from '../domain/limits';
import type { Address } from '../domain/message';
import type { IssueDraft } from '../domain/ports';
import { singleLine } from '../domain/text';
import { fitDocument } from './adf/fit';
import { htmlToAdf } from './adf/html-to-adf';
import { safeLink } from './adf/links';
import { type AdfDocument, type Block, type Inline, paragraph, text } from './adf/nodes';
import { textToAdf } from './adf/text-to-adf';

/** An issue's description: who wrote when, what the reader must know, and the mail's body. `truncated`: Jira's limit cut it. */
export function describe(draft: IssueDraft): { document: AdfDocument; truncated: boolean } {
  const body = bodyOf(draft);
  const blocks = [...senderLine(draft.sender), ...noticePanel(draft.notice), ...body.blocks];
  return fitDocument(blocks, body.complete, jiraLimits.documentChars, continuation);
}

/** Plain text as a document within Jira's limit, for a comment. */
export function plainDocument(value: string): AdfDocument {
  const { blocks, complete } = textToAdf(value);
  return fitDocument(
    blocks.length === 0 ? [paragraph()] : blocks,
    complete,
    jiraLimits.documentChars,
    paragraph([text('…')]),
  ).document;
}

const continuation: Block = {
  type: 'panel',
  attrs: { panelType: 'note' },
  content: [
    paragraph([
      text(
        'This mail is longer than a description in Jira can be. It goes on in the original mail, which is attached.',
      ),
    ]),
  ],
};

const emptyBody = { blocks: [paragraph([text('This mail has no text.', [{ type: 'em' }])])], complete: true };

/** The HTML body, unless nothing of it can be seen. */
function bodyOf({ html, text: plain }: IssueDraft): { blocks: Block[]; complete: boolean } {
  for (const body of [html === null ? null : htmlToAdf(html), plain === null ? null : textToAdf(plain)]) {
    if (body !== null && body.blocks.length > 0) return body;
  }
  return emptyBody;
}

function senderLine(sender: IssueDraft['sender']): Block[] {
  if (sender === null) return [];
  const line: Inline[] = [text('From: ', [{ type: 'strong' }]), ...person(sender)];
  if (sender.date !== null) line.push(text(` · ${utc(sender.date)}`));
  return [paragraph(line)];
}

function person(sender: Address): Inline[] {
  const name = singleLine(sender.name);
  const address = singleLine(sender.address);
  if (address === '') return [text(name === '' ? 'unknown sender' : name)];
  const href = mailLink(address);
  const shown = text(address, href === null ? [] : [{ type: 'link', attrs: { href } }]);
  return name === '' ? [shown] : [text(`${name} (`), shown, text(')')];
}

/** RFC 6068: what means something in a URL is encoded, so that "a?bcc=b@example.com" stays one address. */
function mailLink(address: string): string | null {
  const at = address.lastIndexOf('@');
  if (at < 1) return null;
  return safeLink(`mailto:${encodeURIComponent(address.slice(0, at))}@${encodeURIComponent(address.slice(at + 1))}`);
}

function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function noticePanel(notice: string | null): Block[] {
  return notice === null || singleLine(notice) === ''
    ? []
    : [{ type: 'panel', attrs: { panelType: 'warning' }, content: [paragraph([text(singleLine(notice))])] }];
}
