import type { StoredMessage } from '../mail-store';
import { type Call, type Command, Refusal, selectedOf, textOf } from './connection';
import { envelope, pickedHeader, splitMessage } from './headers';
import { changeFlags, namedMessages } from './messages';
import type { Token } from './wire';

interface Item {
  /** How the answer names it. */
  name: string;
  /** Fetching it marks the message as read. */
  reads: boolean;
  value(message: StoredMessage, raw: () => Uint8Array): string | Uint8Array;
}

const macros: Record<string, string[]> = {
  ALL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE'],
  FAST: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE'],
  FULL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE'],
};

export const fetch: Command = async (call) => {
  const { connection } = call;
  const { folder, readOnly } = selectedOf(connection);
  const names = itemNames(call.args[1]);
  const items = [...new Set(call.byUid ? ['UID', ...names] : names)].map(itemOf);
  const reads = !readOnly && items.some((item) => item.reads);
  for (const { sequence, message } of namedMessages(call)) {
    // The client took its time over the messages before this one; another session may have removed it.
    if (!folder.messages.has(message.uid)) continue;
    sendMessage(call, sequence, message, items, reads);
    await connection.drained();
  }
  return 'FETCH completed';
};

function sendMessage(
  call: Call,
  sequence: number,
  message: StoredMessage,
  items: readonly Item[],
  reads: boolean,
): void {
  const { connection } = call;
  let content: Uint8Array | undefined;
  const raw = () => {
    content ??= connection.store.raw(message);
    return content;
  };
  const newlyRead = reads && !message.flags.includes('\\Seen');
  if (newlyRead) changeFlags(call, message, [...message.flags, '\\Seen']);
  const current = selectedOf(connection).folder.messages.get(message.uid) ?? message;
  const shown = newlyRead && !items.some(({ name }) => name === 'FLAGS') ? [...items, itemOf('FLAGS')] : items;
  const parts = shown.flatMap(({ name, value }, index): (string | Uint8Array)[] => {
    const found = value(current, raw);
    const head = `${index === 0 ? '' : ' '}${name} `;
    return typeof found === 'string' ? [head + found] : [`${head}{${found.length}}\r\n`, found];
  });
  connection.untagged(`${sequence} FETCH (`, ...parts, ')');
}

function itemNames(token: Token | undefined): string[] {
  if (token?.type === 'atom') return macros[token.text.toUpperCase()] ?? [token.text];
  if (token?.type !== 'list') throw new Refusal('BAD', 'FETCH needs items');
  return token.items.map(textOf);
}

const plainItems = new Map<string, Item['value']>([
  ['UID', ({ uid }) => String(uid)],
  ['FLAGS', ({ flags }) => `(${flags.join(' ')})`],
  ['INTERNALDATE', ({ receivedAt }) => `"${internalDate(receivedAt)}"`],
  ['RFC822.SIZE', ({ size }) => String(size)],
  ['ENVELOPE', (_, raw) => envelope(splitMessage(raw()).header)],
  ['RFC822', (_, raw) => raw()],
  ['RFC822.HEADER', (_, raw) => splitMessage(raw()).header],
  ['RFC822.TEXT', (_, raw) => splitMessage(raw()).body],
]);

function itemOf(text: string): Item {
  const name = text.toUpperCase();
  const value = plainItems.get(name);
  if (value !== undefined) return { name, reads: name === 'RFC822' || name === 'RFC822.TEXT', value };
  const match = /^BODY(\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?$/i.exec(text);
  if (match === null) throw new Refusal('BAD', `FETCH does not know ${name}`);
  const [, peek, section = '', start, length] = match;
  const read = sectionOf(section);
  const from = Number(start ?? 0);
  return {
    name: `BODY[${section.toUpperCase()}]${start === undefined ? '' : `<${from}>`}`,
    reads: peek === undefined,
    value: (_, raw) => {
      const bytes = read(raw());
      return start === undefined ? bytes : bytes.subarray(from, from + Number(length));
    },
  };
}

/** The whole message, its header, its body, or some header fields; parts of a message are not served. */
function sectionOf(section: string): (raw: Uint8Array) => Uint8Array {
  const name = section.toUpperCase();
  if (name === '') return (raw) => raw;
  if (name === 'HEADER') return (raw) => splitMessage(raw).header;
  if (name === 'TEXT') return (raw) => splitMessage(raw).body;
  const fields = /^HEADER\.FIELDS(\.NOT)? \(([^)]*)\)$/i.exec(section);
  if (fields === null) throw new Refusal('NO', `[CANNOT] BODY[${name}] is not served here`);
  const names = (fields[2] ?? '').split(' ').map((field) => field.replaceAll('"', ''));
  return (raw) => pickedHeader(splitMessage(raw).header, names, fields[1] !== undefined);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** 20-Nov-2026 07:09:22 +0000 */
function internalDate(time: number): string {
  const date = new Date(time);
  const day = String(date.getUTCDate()).padStart(2, ' ');
  return `${day}-${months[date.getUTCMonth()]}-${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} +0000`;
}
