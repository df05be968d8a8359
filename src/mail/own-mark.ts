import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Message } from '../domain/message';
import type { OwnMark } from '../domain/own-mark';
import { parseMessage } from './mime';

const fieldName = 'X-Letterbox-Mark';

/**
 * A keyed digest (HMAC-SHA256) of what the mail says, in a header field. A field that anybody can write would let anybody hide
 * mail from us; so would a mark that people who once got a mail of ours could put on another one. Mail servers on the
 * way may write the mail anew (Exchange does), so it covers letters and digits, not bytes, and no header but the subject. If a
 * server changes even those, the mark no longer fits and the mail becomes an issue: nothing is ever hidden by mistake.
 * @param signingKey the installation's key; asked for only by mail that bears a mark
 */
export function ownMark(signingKey: () => Promise<string>): OwnMark {
  const markOf = async (message: Message) =>
    createHmac('sha256', await signingKey())
      .update(said(message))
      .digest();
  return {
    put: async (raw) => {
      const mark = await markOf(await parseMessage(raw));
      return Buffer.concat([Buffer.from(`${fieldName}: ${mark.toString('base64url')}\r\n`), raw]);
    },
    isOn: async (message) => {
      const found = message.headers.filter(({ name }) => name === fieldName.toLowerCase());
      if (found.length === 0) return false;
      const mark = await markOf(message);
      return found.some(({ value }) => {
        const claimed = Buffer.from(value.trim(), 'base64url');
        return claimed.length === mark.length && timingSafeEqual(claimed, mark);
      });
    },
  };
}

/** What a reader sees, whatever encodes it. A defect counts: what could be read only in part may say something else besides. */
function said({ subject, text, html, attachments, defect }: Message): string {
  const shown = [subject, text ?? '', withoutTags(html ?? '')];
  const letters = shown.map((part) => part.normalize('NFC').replace(/[^\p{L}\p{N}]+/gu, ''));
  return JSON.stringify([...letters, attachments.length, defect]);
}

// Not one pattern for a whole tag: over a megabyte of "<" it would take hours.
const withoutTags = (html: string) =>
  html
    .split('<')
    .map((piece) => piece.slice(piece.indexOf('>') + 1))
    .join('');
