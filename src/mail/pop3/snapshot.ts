import { AppError } from '../../domain/app-error';
import type { Reply } from './connection';
import { responseCode, serverBroken, serverRefused } from './errors';
import { pop3Limits } from './limits';
import { handleOf } from './position';
import { exchange, readLines, type Session, windowOf } from './session';

/** A mailbox as a session sees it; other sessions give other numbers (RFC 1939 §5). */
export interface Snapshot {
  /** In the server's order; the first is message number 1. */
  handles: string[];
  /** The message number of each handle. */
  numbers: ReadonlyMap<string, number>;
  octets: number;
}

export interface Glance {
  count: number;
  octets: number;
  /** The handle of the message that was asked for; null if it is not there, or has no unique id. */
  handle: string | null;
}

/** How full the mailbox is, and the handle of one message by its number: one round trip. */
export async function glance(session: Session, number: number): Promise<Glance> {
  let size = { count: 0, octets: 0 };
  let handle: string | null = null;
  const commands = number > 0 ? ['STAT', `UIDL ${number}`] : ['STAT'];
  await exchange(session, commands, async (reply, index) => {
    if (index === 0) size = sizeOfMailbox(reply);
    else if (reply.status === '+OK' && reply.text.startsWith(`${number} `)) {
      handle = handleOf('u', reply.text.slice(`${number} `.length));
    }
  });
  return { ...size, handle };
}

function sizeOfMailbox({ status, text }: Reply): { count: number; octets: number } {
  if (status !== '+OK') throw serverRefused(text);
  const match = /^(\d{1,10}) (\d{1,15})(?: |$)/.exec(text);
  if (match === null) throw serverBroken('STAT gives no numbers', undefined, text);
  return { count: Number(match[1]), octets: Number(match[2]) };
}

/**
 * Names every message of the mailbox. A unique id counts only where it is one: a message without an id, or with one that
 * others have too, is named by its header, its size, and its place among those that are the same in both, so that no two
 * messages have one handle.
 * @throws AppError `too-many-messages`, `no-unique-ids`
 */
export async function takeSnapshot(session: Session): Promise<Snapshot> {
  const { ids, octets } = await uniqueIds(session);
  const holders = new Map<string, number>();
  for (const id of ids) holders.set(id, (holders.get(id) ?? 0) + 1);
  const nameless: number[] = [];
  const handles = ids.map((id, index) => {
    if (id !== '' && holders.get(id) === 1) return handleOf('u', id);
    nameless.push(index + 1);
    return '';
  });
  for (const [number, handle] of await handlesByHeader(session, nameless)) handles[number - 1] = handle;
  const numbers = new Map(handles.map((handle, index) => [handle, index + 1]));
  return { handles, numbers, octets };
}

const usualIdBytes = 80;

/** One id for each message; empty for one that the server gives none (RFC 1939 §5 STAT, §7 UIDL). */
async function uniqueIds(session: Session): Promise<{ ids: string[]; octets: number }> {
  const ids: string[] = [];
  let octets = 0;
  async function readStat(reply: Reply): Promise<void> {
    const size = sizeOfMailbox(reply);
    if (size.count > pop3Limits.messages) throw tooManyMessages(size.count);
    octets = size.octets;
    ids.length = size.count;
    ids.fill('');
  }
  async function readIds({ status, text }: Reply): Promise<void> {
    if (status !== '+OK') {
      // Trouble that passes must not give every message another name.
      if (session.capabilities.has('UIDL') || responseCode(text) !== '') throw serverRefused(text);
      return;
    }
    session.connection.expect(ids.length * usualIdBytes);
    for (const line of await readLines(session.connection, pop3Limits.listingBytes)) {
      const gap = line.indexOf(' ');
      const number = Number(line.slice(0, gap));
      if (gap < 1 || ids[number - 1] === undefined) throw serverBroken('UIDL lists what is not there', undefined, line);
      ids[number - 1] = line.slice(gap + 1);
    }
  }
  const readers = [readStat, readIds];
  await exchange(session, ['STAT', 'UIDL'], async (reply, index) => await readers[index]?.(reply));
  return { ids, octets };
}

async function handlesByHeader(session: Session, numbers: readonly number[]): Promise<Map<number, string>> {
  if (numbers.length > pop3Limits.namedByHeader) throw noUniqueIds(numbers.length);
  const sizes = await sizesOf(session, numbers);
  const headers = await headersOf(session, numbers);
  const copies = new Map<string, number>();
  return new Map(
    numbers.map((number) => {
      const header = headers.get(number);
      if (header === undefined) throw session.capabilities.has('TOP') ? serverRefused('') : noUniqueIds(numbers.length);
      const identity = `${sizes.get(number) ?? ''}\n${header}`;
      const copy = (copies.get(identity) ?? 0) + 1;
      copies.set(identity, copy);
      return [number, handleOf('h', `${copy}\n${identity}`)];
    }),
  );
}

const tooManyMessages = (count: number) =>
  new AppError(
    'too-many-messages',
    'access',
    `The mailbox holds ${count} messages; by POP3, up to ${pop3Limits.messages} can be followed. Delete some, or use IMAP.`,
    { step: 'count' },
  );

const noUniqueIds = (count: number) =>
  new AppError(
    'no-unique-ids',
    'access',
    `The mail server gives ${count} messages no unique id of their own (UIDL), so that new mail can not be told from old. ` +
      'Use IMAP for this mailbox.',
    { step: 'count' },
  );

/** The headers of messages as TOP sends them (RFC 1939 §7), as latin1; those that the server refuses are missing. */
export const headersOf = (session: Session, numbers: readonly number[]): Promise<Map<number, string>> =>
  readHeaders(session, numbers, (header) => header);

/** What `read` makes of each header, so that of many of them no more is kept than is needed. */
export async function readHeaders<T>(
  session: Session,
  numbers: readonly number[],
  read: (header: string) => T,
): Promise<Map<number, T>> {
  const commands = numbers.map((number) => `TOP ${number} 0`);
  const headers = await exchange(session, commands, async ({ status }) => {
    if (status !== '+OK') return undefined;
    const block = await session.connection.block(pop3Limits.listingBytes);
    if (block === null) throw serverBroken('a header is too long', undefined);
    return { value: read(block.toString('latin1', 0, pop3Limits.headerBytes)) };
  });
  const result = new Map<number, T>();
  for (const [index, number] of numbers.entries()) {
    const header = headers[index];
    if (header !== undefined) result.set(number, header.value);
  }
  return result;
}

/** Sizes in bytes as the server says (RFC 1939 §5 LIST); asked one by one where that is less than the whole list. */
export async function sizesOf(session: Session, numbers: readonly number[]): Promise<Map<number, number>> {
  const sizes = new Map<number, number>();
  const note = (line: string) => {
    const match = /^(\d{1,10}) (\d{1,15})(?: |$)/.exec(line);
    if (match !== null) sizes.set(Number(match[1]), Number(match[2]));
  };
  if (windowOf(session) > 1) {
    await exchange(
      session,
      numbers.map((number) => `LIST ${number}`),
      async ({ status, text }) => {
        if (status === '+OK') note(text);
      },
    );
  } else if (numbers.length > 0) {
    await exchange(session, ['LIST'], async ({ status }) => {
      if (status === '+OK') for (const line of await readLines(session.connection, pop3Limits.listingBytes)) note(line);
    });
  }
  return sizes;
}
