import type { ImapFlow } from 'imapflow';
import { AppError } from '../../domain/app-error';
import { type Memory, meter, uncounted } from '../held-memory';
import type { Interrupter } from '../interrupter';

/** How often is looked (ms). */
const lookMs = 20;

/**
 * Ends a connection over which more comes than any answer has. The library keeps what it reads, line by line within its limits,
 * until the server says that it is done: a server that never does would fill the memory of everybody's gateway. What has come
 * counts as held meanwhile.
 */
export function floodGate(
  client: ImapFlow,
  mostBytes: number,
  ends: Interrupter,
  memory: Memory = uncounted,
): { begin(): void; stop(): void } {
  const held = meter(memory);
  let before = client.stats().received;
  const timer = setInterval(() => {
    const received = client.stats().received - before;
    try {
      if (received > mostBytes) throw flooded();
      held.set(received);
    } catch (thrown) {
      client.close();
      ends.interrupt(thrown instanceof Error ? thrown : flooded());
    }
  }, lookMs);
  return {
    /** What came so far was taken over by whoever waited for it. */
    begin() {
      before = client.stats().received;
      held.set(0);
    },
    stop() {
      clearInterval(timer);
      held.set(0);
    },
  };
}

export const flooded = () =>
  new AppError('server-broken', 'transient', 'The mail server sent far more than was asked for. It is tried again.');
