import { AppError } from '../domain/app-error';
import { gatewayResponseBytes } from '../domain/limits';
import type { Memory } from '../mail/held-memory';
import { type Interrupter, interrupter } from '../mail/interrupter';
import { type AddLine, type ProtocolLog, protocolLog } from '../mail/protocol-log';
import { type Ending, type FromThread, movable, type Owner } from './jobs';
import type { Pooled } from './session-pool';

/** A mailbox or mailer in the pool, and its protocol, which is on only during requests that ask for it. */
export interface PooledSession<T extends Pooled> extends Pooled {
  inner: T;
  protocol: ProtocolLog;
}

export type OpenSession<Settings, Credentials, T extends Pooled> = (
  settings: Settings,
  credentials: Credentials,
  owner: Owner,
) => PooledSession<T>;

/** Opens a session of which the protocol and the memory are its own: what it held is free when it is closed. */
export function pooledSession<T extends Pooled>(
  memory: Memory,
  open: (add: AddLine, memory: Memory) => T,
): PooledSession<T> {
  const protocol = protocolLog();
  let held = 0;
  const inner = open(protocol.add, {
    take(bytes) {
      memory.take(bytes);
      held += bytes;
    },
    give(bytes) {
      // What comes late, of a session that is closed, was given back with it.
      const given = Math.min(bytes, held);
      held -= given;
      memory.give(given);
    },
    spare: memory.spare,
  });
  return {
    inner,
    protocol,
    async close() {
      await inner.close();
      memory.give(held);
      held = 0;
    },
  };
}

/** How a job is answered. */
export interface Talk {
  owner: Owner;
  /** Interrupted when nobody waits for the answer any more. */
  ends: Interrupter;
  /** There are too many sessions. */
  refuse(): void;
  /** Sends frames, whole ones; done when the client has taken enough of what was sent before. @throws AppError `gateway-memory`, `client-gone` */
  send(pieces: readonly Uint8Array[], mailBytes: number): Promise<void>;
  end(ending: Ending, json: Uint8Array | null): void;
}

/** Bytes that may be on their way to one client: an answer has about half as many, so that reading never waits for the way. */
const windowBytes = 2 * gatewayResponseBytes;

/** The job's side of its talk, and what the client's side tells it. */
export function openTalk(
  id: number,
  owner: Owner,
  memory: Memory,
  post: (message: FromThread, moved: ArrayBuffer[]) => void,
): { talk: Talk; taken(): void; cancel(): void } {
  let onTheWay = 0;
  let wake = () => {};
  let isCancelled = false;
  const ends = interrupter();
  const clientGone = () =>
    new AppError('client-gone', 'transient', 'Nobody waits for the answer of the gateway any more.');

  function taken(): void {
    memory.give(onTheWay);
    onTheWay = 0;
    wake();
  }

  return {
    taken,
    cancel() {
      isCancelled = true;
      ends.interrupt(clientGone());
      taken();
    },
    talk: {
      owner,
      ends,
      refuse: () => post({ type: 'refused', id }, []),
      async send(frames, mailBytes) {
        // Nobody would ever say that these were taken, and they would count as held for ever.
        if (isCancelled) throw clientGone();
        const { pieces, moved } = movable(frames);
        const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
        memory.take(bytes);
        onTheWay += bytes;
        post({ type: 'pieces', id, pieces, mailBytes }, moved);
        if (onTheWay >= windowBytes) {
          await ends.race(
            new Promise<void>((resolve) => {
              wake = resolve;
            }),
          );
        }
      },
      end(ending, json) {
        const { pieces, moved } = movable(json === null ? [] : [json]);
        post({ type: 'ended', id, ending, json: pieces[0] ?? null }, moved);
        if (json === null) return;
        taken();
      },
    },
  };
}
