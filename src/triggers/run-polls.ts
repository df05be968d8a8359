import { pollLimits } from '../domain/limits';
import type { PollQueue } from '../domain/ports';
import { refusedAgainMs } from '../domain/suspension';
import type { IntakePorts } from '../intake/intake-ports';
import { pollConnection } from '../intake/poll-connection';
import type { PollEvent } from './poll-queue';

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
/** Until then what the storage suffers from may be over. */
const askAgainSeconds = 60;

/**
 * Polls the connections of one queue event, some at a time, and pushes those again that ran out of time, each by itself. Never
 * throws: what one connection meets never keeps another from its turn, and the next event comes anyway. A server that hangs
 * gives its place to the next connection, and one with endless mail has its slice of the time.
 * @param wait resolves after that many milliseconds
 */
export async function runPolls(
  ports: IntakePorts,
  queue: PollQueue,
  event: PollEvent & { wasEnded?: boolean },
  wait: (milliseconds: number) => Promise<void> = pause,
): Promise<void> {
  const waiting = [...event.connectionIds];
  const isShared = waiting.length > 1;
  const facts = { isShared, wasEnded: event.wasEnded ?? false, dueAt: event.dueAt };
  const slow = new Set<Promise<void>>();

  const poll = async (id: string): Promise<void> => {
    try {
      const own = isShared ? { ...ports, remainingMs: sliceOf(ports) } : ports;
      const result = await pollConnection(own, id, event.force, event.reprocess, facts);
      // Now, and not together with what others leave: those may go on until the platform ends this run.
      if (result === 'again')
        await queue.push([{ connectionIds: [id], delaySeconds: pollLimits.goOnMs / 1_000, force: false }]);
      if (result === 'unheard') await askAgain(id);
      // The interval may be an hour.
      if (result === 'refused')
        await queue.push([{ connectionIds: [id], delaySeconds: refusedAgainMs / 1_000, force: false }]);
    } catch (failure) {
      ports.log('error', 'poll-broken-off', { connectionId: id, failure });
      await askAgain(id);
    }
  };
  /** Until it is heard: nobody else knows any more what was asked for. */
  const askAgain = async (id: string): Promise<void> => {
    const { reprocess } = event;
    if (reprocess === undefined) return;
    const request = { connectionIds: [id], delaySeconds: askAgainSeconds, force: true, reprocess };
    await queue.push([request]).catch((failure) => ports.log('error', 'wish-lost', { connectionId: id, failure }));
  };
  const place = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const polled = poll(id);
      // Without a next one nobody waits for the place.
      const isSlow = waiting.length > 0 && (await Promise.race([polled, wait(pollLimits.slowMs).then(() => 'slow')]));
      if (isSlow !== 'slow' || slow.size >= pollLimits.slow) await polled;
      else {
        slow.add(polled);
        void polled.then(() => slow.delete(polled));
      }
    }
  };
  await Promise.all(Array.from({ length: pollLimits.parallel }, place));
  await Promise.all(slow);
}

/** The time that is left to one of several connections: its slice, and what a run needs to end in order. */
function sliceOf(ports: IntakePorts): () => number {
  const end = ports.now() + pollLimits.sliceMs + pollLimits.reserveMs;
  return () => Math.min(ports.remainingMs(), end - ports.now());
}
