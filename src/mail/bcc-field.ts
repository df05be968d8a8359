import type { ComposedMail } from '../domain/mailer';

/**
 * The mail as providers want it that read recipients from the header: who stands in the envelope, and neither in To nor in
 * Cc, is named in a Bcc field. The provider removes it before the mail goes out.
 */
export function withBccField({ envelope, raw }: ComposedMail): Uint8Array {
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const header = text.toString('utf8', 0, Math.max(0, text.indexOf('\r\n\r\n')));
  const fields = header.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  // The header is ours: an address stands alone or in angle brackets, and none holds a comma, a blank or a bracket.
  const named = new Set(
    fields
      .filter((field) => /^(to|cc):/i.test(field))
      .flatMap((field) => field.slice(field.indexOf(':') + 1).split(/[\s,<>]+/)),
  );
  const hidden = envelope.to.filter((address) => !named.has(address));
  if (hidden.length === 0) return raw;
  return Buffer.concat([Buffer.from(`Bcc: ${hidden.join(',\r\n ')}\r\n`), text]);
}
