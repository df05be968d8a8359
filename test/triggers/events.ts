import assert from 'node:assert/strict';
import type { PollRequest } from '../../src/domain/ports';
import { readPollEvent } from '../../src/triggers/poll-queue';
import type { World } from '../support/world';

export const eventFor = (...connectionIds: string[]) => {
  const event = readPollEvent({ connectionIds, force: false });
  assert.ok(event);
  return event;
};

export function queueOf() {
  const pushed: PollRequest[] = [];
  return { pushed, push: async (requests: readonly PollRequest[]) => void pushed.push(...requests) };
}

export async function until(check: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!check()) {
    assert.ok(Date.now() < deadline, 'it takes for ever');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A queue that takes nothing. */
export const refused = { push: () => Promise.reject(new Error('limited')) };

export const summaries = (world: World) => world.issues.map(({ draft }) => draft.summary);
