import { domainToASCII } from 'node:url';
import { buildHeaderValue, encodeWord, foldLines } from 'nodemailer/lib/mime-funcs';
import { AppError } from '../../domain/app-error';
import { mailAddress } from '../../domain/fields';
import { outgoingLimits } from '../../domain/limits';
import type { Address } from '../../domain/message';
import { cutText, singleLine } from '../../domain/text';

/** Longest line of a header (RFC 5322 §2.1.1), and characters of one encoded word that fit in it (RFC 2047 §2). */
const lineChars = 76;
const wordChars = 52;

/** One folded header field, with its line end. @throws AppError `bug` if the value could end the field early */
export function headerField(name: string, value: string): string {
  // Whatever comes here was made safe before. This is the last gate: a line break here begins another field, or the body.
  if (/[\r\n\0]/.test(value))
    throw new AppError('header-broken', 'bug', `The header field ${name} holds a line break.`);
  return `${foldLines(`${name}: ${value}`, lineChars)}\r\n`;
}

/** Free text for a header: one line, non-ASCII in encoded words (RFC 2047). */
export function headerText(text: string, maxChars: number): string {
  const line = cutText(singleLine(text), maxChars);
  return isPlain(line) ? line : encodeWord(line, 'B', wordChars);
}

/** A header's value with parameters, such as a file name (RFC 2231). The value is ours. */
export function parameterised(value: string, params: Record<string, string>): string {
  return buildHeaderValue({ value, params });
}

// Text that looks like an encoded word would be decoded into something else than was written.
const isPlain = (line: string) => /^[\x20-\x7e]*$/.test(line) && !line.includes('=?');

/** Characters that need no quotes in a display name (RFC 5322 §3.2.3). */
const atoms = /^[\w !#$%&'*+/=?^`{|}~-]*$/;

/** Addresses as a field shows them. */
export function addressList(addresses: readonly Address[]): string {
  return addresses
    .map(({ name, address }) => {
      const line = cutText(singleLine(name), outgoingLimits.nameChars);
      if (line === '') return address;
      const shown = !isPlain(line)
        ? encodeWord(line, 'B', wordChars)
        : atoms.test(line)
          ? line
          : `"${line.replace(/["\\]/g, '\\$&')}"`;
      return `${shown} <${address}>`;
    })
    .join(', ');
}

/**
 * An address that is safe in a header and in an SMTP command, its domain in the ASCII form that every server knows (RFC 5891).
 * @throws AppError `address-invalid`
 */
export function safeAddress(address: string): string {
  const { success, data = '' } = mailAddress.safeParse(address);
  const at = data.lastIndexOf('@');
  const domain = /^[\x21-\x7e]*$/.test(data.slice(at)) ? data.slice(at + 1) : domainToASCII(data.slice(at + 1));
  if (success && domain !== '') return `${data.slice(0, at)}@${domain}`;
  const shown = cutText(singleLine(address), 100);
  throw new AppError(
    'address-invalid',
    'message',
    `"${shown}" is no email address that mail can be sent to. Correct or remove it.`,
    { detail: shown },
  );
}

/**
 * Message ids (RFC 5322 §3.6.4) fit to be repeated, with angle brackets whether they came with them or not. What others made
 * of theirs may be anything.
 */
export function safeMessageIds(ids: readonly string[]): string[] {
  const bare = ids.map((id) => id.trim().replace(/^<(.*)>$/, '$1'));
  const wellFormed = bare.filter((id) => /^[\x21-\x3b\x3d\x3f-\x7e]+$/.test(id));
  return [...new Set(wellFormed.filter((id) => id.length <= outgoingLimits.messageIdChars))].map((id) => `<${id}>`);
}

/** RFC 5322 §3.3, such as "Fri, 20 Nov 2026 08:16:29 +0000". */
export const headerDate = (at: number) => new Date(at).toUTCString().replace('GMT', '+0000');
