import { pop3Limits } from './limits';
import { type Session, windowOf } from './session';

export interface Wanted {
  number: number;
  /** Bytes, as the server says; undefined if it does not. */
  size: number | undefined;
}

/** `refused`: the server answered -ERR. `too-large`: more than `maxBytes` came; the session is over then. */
export type Retrieved = Buffer | 'refused' | 'too-large';

/**
 * Reads messages (RFC 1939 §5 RETR), asking for the next ones before the first have come, where the server allows it
 * (RFC 2449 §6.6). A session that is left with answers on the way is dropped: nobody could tell whose they are.
 */
export async function* retrieve(
  session: Session,
  wanted: readonly Wanted[],
  maxBytes: number,
): AsyncGenerator<Retrieved> {
  const { connection } = session;
  const window = windowOf(session);
  // A message of dots alone is a third longer on the wire.
  const wireLimit = Math.ceil((maxBytes * 4) / 3);
  const sizeOf = ({ size }: Wanted) => Math.min(size ?? 0, maxBytes);
  let asked = 0;
  let answered = 0;
  let bytesAhead = 0;

  function ask(): void {
    // In few large writes rather than one for each answer.
    if (asked - answered > window / 2 || bytesAhead > pop3Limits.windowBytes / 2) return;
    const commands: string[] = [];
    for (let next = wanted[asked]; next !== undefined; next = wanted[asked]) {
      if (asked > answered && (asked - answered >= window || bytesAhead >= pop3Limits.windowBytes)) break;
      commands.push(`RETR ${next.number}`);
      bytesAhead += sizeOf(next);
      asked += 1;
    }
    if (commands.length > 0) connection.send(commands);
  }

  try {
    for (const one of wanted) {
      ask();
      connection.expect(one.size === undefined ? maxBytes : sizeOf(one));
      const reply = await connection.reply();
      const block = reply.status === '+OK' ? await connection.block(wireLimit) : 'refused';
      answered += 1;
      bytesAhead -= sizeOf(one);
      if (block === null) {
        yield 'too-large';
        return;
      }
      yield block !== 'refused' && block.length > maxBytes ? 'too-large' : block;
    }
  } finally {
    if (asked > answered) connection.drop();
  }
}
