import type { FetchMessageObject, FetchQueryObject } from 'imapflow';
import { AppError } from '../../domain/app-error';
import type { Refusal } from './library-log';
import { imapLimits } from './limits';
import type { Session } from './session';
import { containsUid, formatUidSet, type Run } from './uid-sets';

export type Row = Partial<FetchMessageObject> & { uid: number };

/** What came back for a FETCH. */
export interface Answer {
  /** One row for each message that was asked for and described. */
  rows: Map<number, Row>;
  /** The server ended the answer by NO or BAD; what came before counts all the same. */
  refused: Refusal | null;
  /** The beginnings of lines that the library could not read, and left out. */
  unreadable: readonly string[];
}

/**
 * The rows of one UID FETCH that were asked for. A server may put rows of other messages between, when somebody changes their flags
 * (RFC 3501 §7.4.2), and may split what it tells of a message into several. @throws AppError `server-broken` for more than a folder
 * can hold
 */
export async function rowsOf(session: Session, asked: readonly Run[], query: FetchQueryObject): Promise<Answer> {
  const rows = new Map<number, Row>();
  const take = (row: FetchMessageObject) => {
    if (row.uid === undefined || !containsUid(asked, row.uid)) return;
    const known = rows.get(row.uid);
    if (known === undefined) rows.set(row.uid, row);
    else for (const [name, value] of Object.entries(row)) if (value !== undefined) Reflect.set(known, name, value);
  };
  let refused: Refusal | null = null;
  const unreadable: string[] = [];
  for (let at = 0; at < asked.length && refused === null; at += imapLimits.runsPerCommand) {
    const set = formatUidSet(asked.slice(at, at + imapLimits.runsPerCommand));
    refused = await collect(session, set, query, true, take);
    unreadable.push(...session.takeUnreadable());
  }
  return { rows, refused, unreadable };
}

/** UIDs by the sequence numbers of a set, which name other messages as soon as one is expunged. */
export async function uidsAt(session: Session, numbers: readonly number[]): Promise<number[]> {
  const uids: number[] = [];
  const asked = new Set(numbers);
  for (let at = 0; at < numbers.length; at += imapLimits.runsPerCommand) {
    const set = numbers.slice(at, at + imapLimits.runsPerCommand).join();
    await collect(session, set, { uid: true }, false, ({ seq, uid }) => {
      if (uid !== undefined && asked.has(seq)) uids.push(uid);
    });
  }
  session.takeUnreadable();
  return uids.sort((a, b) => a - b);
}

/** The library would collect as many rows as a server cares to send, whatever was asked for. */
async function collect(
  session: Session,
  set: string,
  query: FetchQueryObject,
  uid: boolean,
  take: (row: FetchMessageObject) => void,
): Promise<Refusal | null> {
  let count = 0;
  session.takeUnreadable();
  session.takeRefusal();
  async function run() {
    for await (const row of session.client.fetch(set, query, { uid })) {
      count += 1;
      if (count > imapLimits.listRows) throw tooManyRows();
      take(row);
    }
  }
  try {
    await session.wait(undefined, run(), { mostBytes: imapLimits.rowsBytes });
    return null;
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== 'server-refused') throw thrown;
    return session.takeRefusal() ?? { code: '', words: thrown.detail };
  }
}

const tooManyRows = () =>
  new AppError(
    'server-broken',
    'transient',
    'The mail server lists more messages than the folder can hold. It is tried again.',
  );
