import type { ImapFlow } from 'imapflow';
import { AppError } from '../../domain/app-error';

/** How often is looked (ms). */
const lookMs = 20;

/**
 * Ends a connection over which more comes than any answer has. The library keeps what it reads, line by line within its limits,
 * until the server says that it is done: a server that never does would fill the memory of everybody's gateway.
 */
export function floodGate(client: ImapFlow, mostBytes: number): { burst: Promise<never>; stop(): void } {
  const before = client.stats().received;
  let timer: NodeJS.Timeout | undefined;
  const burst = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      if (client.stats().received - before <= mostBytes) return;
      client.close();
      const message = 'The mail server sent far more than was asked for. It is tried again.';
      reject(new AppError('server-broken', 'transient', message));
    }, lookMs);
  });
  // Without a listener a rejection that comes after the work would end the process.
  burst.catch(() => {});
  return { burst, stop: () => clearInterval(timer) };
}
