/** What a server shows of a message without its client reading it whole: header fields and the envelope. */
import { nstring } from './wire';

/** The header and the body, as RFC 5322 §2.1 parts them: at the first empty line. */
export function splitMessage(raw: Uint8Array): { header: Buffer; body: Buffer } {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  if (bytes.subarray(0, 2).toString('latin1') === '\r\n')
    return { header: bytes.subarray(0, 2), body: bytes.subarray(2) };
  const ends = [
    [bytes.indexOf('\r\n\r\n'), 4],
    [bytes.indexOf('\n\n'), 2],
  ].filter(([at = -1]) => at >= 0);
  const [at = bytes.length, length = 0] = ends.sort(([a = 0], [b = 0]) => a - b)[0] ?? [];
  return { header: bytes.subarray(0, at + length), body: bytes.subarray(at + length) };
}

export interface HeaderField {
  /** Lower case. */
  name: string;
  /** With its line breaks. */
  source: string;
  /** Unfolded. */
  value: string;
}

export function headerFields(header: Uint8Array): HeaderField[] {
  const fields: HeaderField[] = [];
  for (const line of Buffer.from(header)
    .toString('latin1')
    .split(/(?<=\n)/)) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && line.trim() !== '' && last !== undefined) {
      last.source += line;
      last.value += ` ${line.trim()}`;
      continue;
    }
    const match = /^([^\s:]+)[ \t]*:(.*)/.exec(line);
    if (match !== null)
      fields.push({ name: (match[1] ?? '').toLowerCase(), source: line, value: (match[2] ?? '').trim() });
  }
  return fields;
}

/** The fields named, or all others, and the empty line that ends a header. */
export function pickedHeader(header: Uint8Array, names: readonly string[], others: boolean): Buffer {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const picked = headerFields(header).filter(({ name }) => wanted.has(name) !== others);
  return Buffer.from(`${picked.map(({ source }) => source.replace(/\r?\n?$/, '\r\n')).join('')}\r\n`, 'latin1');
}

/** RFC 3501 §7.4.2: date, subject, from, sender, reply-to, to, cc, bcc, in-reply-to, message-id. */
export function envelope(header: Uint8Array): string {
  const fields = headerFields(header);
  const value = (name: string) => fields.find((field) => field.name === name)?.value;
  const from = addresses(value('from'));
  const list = (name: string) => addresses(value(name));
  const orFrom = (found: string) => (found === 'NIL' ? from : found);
  return `(${[
    nstring(value('date')),
    nstring(value('subject')),
    from,
    orFrom(list('sender')),
    orFrom(list('reply-to')),
    list('to'),
    list('cc'),
    list('bcc'),
    nstring(value('in-reply-to')),
    nstring(value('message-id')),
  ].join(' ')})`;
}

/** Addresses in the simple forms that mail has: `Name <a@b>`, `"Name, with comma" <a@b>`, `a@b`. */
function addresses(value: string | undefined): string {
  if (value === undefined) return 'NIL';
  const parts = value.match(/(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^,"<])+/g) ?? [];
  const shown = parts
    .map((part) => {
      const angle = /^(.*)<([^>]*)>/s.exec(part);
      const name = angle?.[1]
        ?.trim()
        .replace(/^"(.*)"$/s, '$1')
        .replace(/\\(.)/g, '$1');
      const address = (angle?.[2] ?? part).trim();
      const at = address.lastIndexOf('@');
      if (at < 1) return '';
      return `(${nstring(name === '' ? null : name)} NIL ${nstring(address.slice(0, at))} ${nstring(address.slice(at + 1))})`;
    })
    .join('');
  return shown === '' ? 'NIL' : `(${shown})`;
}
