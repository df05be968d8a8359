import { pollLimits } from '../domain/limits';
import type { PollQueue } from '../domain/ports';
import type { IntakePorts } from '../intake/intake-ports';
import { pollConnection } from '../intake/poll-connection';
import type { PollEvent } from './poll-queue';

/**
 * Polls the connections of one queue event, some at a time, and pushes those again that ran out of time. Never throws: what
 * one connection meets never keeps another from its turn, and the next event comes anyway.
 */
export async function runPolls(ports: IntakePorts, queue: PollQueue, event: PollEvent): Promise<void> {
  const waiting = [...event.connectionIds];
  const unfinished: string[] = [];
  const worker = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        if ((await pollConnection(ports, id, event.force, event.reprocess)) === 'again') unfinished.push(id);
      } catch (failure) {
        ports.log('error', 'poll-broken-off', { connectionId: id, failure });
      }
    }
  };
  await Promise.all(Array.from({ length: pollLimits.parallel }, worker));
  if (unfinished.length > 0) await queue.push([{ connectionIds: unfinished, delaySeconds: 0, force: false }]);
}
