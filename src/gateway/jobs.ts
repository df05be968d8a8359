import type { MailerOperation } from '../mail/mailer-wire';
import type { Operation, RequestOf } from '../mail/wire';
import type { GatewayConfig } from './config';
import type { Ledger } from './ledger';
import type { Trouble } from './logging';

/** What the thread that serves HTTP and the threads that talk with mail servers say to each other. */

export type Job =
  /** `bytes`: raw mail in the answer to a fetch, about. */
  | { kind: 'mailbox'; operation: Operation; body: RequestOf<Operation>; bytes: number }
  /** A request as it came: head and raw mail (see mail/mailer-wire.ts). */
  | { kind: 'mailer'; operation: MailerOperation; bytes: Uint8Array };

/** Whether a job changes a mailbox or sends mail: cut off, it leaves open what was done. */
export const hasEffect = ({ operation }: Job): boolean => operation === 'settle' || operation === 'send';

/** Whose job it is; the slot counts its memory. */
export interface Owner {
  installationId: string;
  slot: number;
}

/** What a thread is started with. */
export interface ThreadData {
  config: GatewayConfig;
  ledger: Ledger;
  /** Its row of the ledger. */
  row: number;
}

/** `opened`: since the thread began. */
export interface SessionCounts {
  idle: number;
  busy: number;
  opened: number;
}

export type ToThread =
  | { type: 'job'; id: number; owner: Owner; job: Job }
  /** The client has its answer, or waits for it no more. */
  | { type: 'over'; id: number }
  /** The client has taken all pieces that were sent, so more may come. */
  | { type: 'taken'; id: number }
  | { type: 'ping' }
  | { type: 'close' };

/** How a job ended, for metrics and logs. */
export interface Ending {
  /** `ok`, or the code of an error. */
  outcome: string;
  trouble: Trouble | null;
}

export type FromThread =
  | { type: 'ready' }
  | { type: 'pong'; counts: SessionCounts }
  /** Too many sessions are in use. */
  | { type: 'refused'; id: number }
  /** Whole frames of a fetch, whose bodies were moved here and not copied. */
  | { type: 'pieces'; id: number; pieces: Uint8Array[]; mailBytes: number }
  /** `json`: the answer, of any job but a fetch. */
  | { type: 'ended'; id: number; ending: Ending; json: Uint8Array | null }
  | { type: 'closed' };

/** Buffers that can be moved to another thread: those that nothing else has a view of. The others are copied. */
export function movable(pieces: readonly Uint8Array[]): { pieces: Uint8Array[]; moved: ArrayBuffer[] } {
  const own = pieces.map((piece) =>
    piece.byteLength === piece.buffer.byteLength && piece.buffer instanceof ArrayBuffer ? piece : new Uint8Array(piece),
  );
  const buffers = own.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer && buffer.byteLength > 0 ? [buffer] : []));
  return { pieces: own, moved: [...new Set(buffers)] };
}
