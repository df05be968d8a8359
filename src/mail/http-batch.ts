import { setTimeout } from 'node:timers/promises';
import type { HttpApi } from './http';

/** One answer of a batch. */
export interface BatchAnswer {
  status: number;
  headers: Headers;
  body: string;
}

/** A longer pause is left to the poll, which has other mailboxes to look after. */
const longestPauseMs = 3_000;
/** Where a provider asks to slow down without a word on how long. */
const usualPauseMs = 1_000;

/**
 * Sends any number of calls in batches of `batchSize`; the answers come in the order of the calls. Calls that only went
 * too fast are made once more, after the pause that the provider asks for.
 */
export async function inBatches<Call>(
  api: HttpApi,
  calls: readonly Call[],
  batchSize: number,
  send: (calls: readonly Call[]) => Promise<BatchAnswer[]>,
  signal?: AbortSignal,
): Promise<BatchAnswer[]> {
  const answers: BatchAnswer[] = [];
  for (let start = 0; start < calls.length; start += batchSize) {
    const batch = calls.slice(start, start + batchSize);
    const first = await send(batch);
    api.note(`In the batch: ${statusesOf(first)}`);
    const throttled = first.flatMap(({ status, headers, body }, index) => {
      const failure = status < 400 ? null : api.failure(status, headers, body);
      return failure?.code === 'throttled' ? [{ index, pause: failure.retryAfterMs ?? usualPauseMs }] : [];
    });
    const pause = Math.max(0, ...throttled.map((one) => one.pause));
    if (throttled.length > 0 && pause <= longestPauseMs) {
      await setTimeout(pause, undefined, signal === undefined ? {} : { signal });
      const again = await send(throttled.flatMap(({ index }) => batch[index] ?? []));
      api.note(`In the batch, tried again after ${pause} ms: ${statusesOf(again)}`);
      throttled.forEach(({ index }, position) => {
        const answer = again[position];
        if (answer !== undefined) first[index] = answer;
      });
    }
    answers.push(...first);
  }
  return answers;
}

/** "48 × 200, 2 × 429". */
function statusesOf(answers: readonly BatchAnswer[]): string {
  const counts = new Map<number, number>();
  for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} × ${status}`).join(', ');
}
