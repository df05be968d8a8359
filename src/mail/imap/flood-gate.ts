import type { ImapFlow } from 'imapflow';
import { AppError } from '../../domain/app-error';
import { type Memory, meter, uncounted } from '../held-memory';

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
  memory: Memory = uncounted,
): { burst: Promise<never>; stop(): void } {
  const held = meter(memory);
  const before = client.stats().received;
  let timer: NodeJS.Timeout | undefined;
  const burst = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const received = client.stats().received - before;
      try {
        if (received > mostBytes) throw flooded();
        held.set(received);
      } catch (thrown) {
        client.close();
        reject(thrown);
      }
    }, lookMs);
  });
  // Without a listener a rejection that comes after the work would end the process.
  burst.catch(() => {});
  return {
    burst,
    stop() {
      clearInterval(timer);
      held.set(0);
    },
  };
}

const flooded = () =>
  new AppError('server-broken', 'transient', 'The mail server sent far more than was asked for. It is tried again.');
