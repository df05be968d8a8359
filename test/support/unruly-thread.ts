import { parentPort, workerData } from 'node:worker_threads';
import { serveThread } from '../../src/gateway/thread';

/**
 * A thread of the gateway that fails in the way that a mailbox's user name says: what a mail server could make of a library,
 * without waiting for a library that lets it.
 */
const faults: Readonly<Record<string, () => void>> = {
  block() {
    for (;;);
  },
  pause() {
    for (const until = performance.now() + 1_200; performance.now() < until; );
  },
  crash() {
    throw new Error('A thread failed in a test.');
  },
  fill() {
    const kept: string[][] = [];
    for (;;) kept.push(Array.from({ length: 10_000 }, (_, n) => `${kept.length}.${n}`));
  },
};

if (parentPort !== null) {
  // Before the gateway hears of the job: it is as if the server's answer came at once.
  parentPort.on('message', (message) => faults[message.job?.body?.settings?.username]?.());
  serveThread(parentPort, workerData);
}
