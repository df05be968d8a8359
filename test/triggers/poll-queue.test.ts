import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { InvocationErrorCode } from '@forge/events';
import type { PollRequest } from '../../src/domain/ports';
import { pollQueue, readPollEvent, wasEnded } from '../../src/triggers/poll-queue';
import { systemClock } from '../emulator/clock';
import { createForge } from '../emulator/forge/create-forge';
import type { Fault, Forge } from '../emulator/forge/forge';

/** Forge's queue as the emulator has it. */
let forge: Forge;

before(async () => {
  forge = await createForge({
    manifest: new URL('../../manifest.yml', import.meta.url).pathname,
    functions: { poll: () => undefined },
    products: { jira: { handle: () => Promise.reject(new Error('not used')), scopes: () => [] } },
    remotes: {},
    directory: null,
    clock: systemClock(),
  });
});
after(() => forge.close());

const request = (connectionId: string, more: Partial<PollRequest> = {}): PollRequest => ({
  connectionIds: [connectionId],
  delaySeconds: 0,
  force: false,
  ...more,
});
const fault = (when: Fault['when'], status: number): Fault => ({
  match: 'queue/publish polls',
  when,
  kind: 'error',
  status,
  times: 1,
});
const idsOf = () => forge.events().map(({ body }) => String(body.connectionIds));

async function push(requests: readonly PollRequest[], ...faults: Fault[]): Promise<void> {
  // Far enough for what the concurrency of a group postponed.
  await forge.advance(60);
  forge.setFaults(faults);
  await forge.run(() => pollQueue().push(requests));
}

test('pushes any number of polls, those of one connection or one group after the other', async () => {
  const many = Array.from({ length: 120 }, (_, index) => request(`c${index}`));
  await push([...many, request('a', { group: 'second-7' }), request('b', { group: 'second-7' })]);
  const events = forge.events();
  assert.equal(events.length, 122);
  assert.deepEqual(
    events.slice(-3).map(({ concurrency }) => concurrency),
    [
      { key: 'c119', limit: 1 },
      { key: 'second-7', limit: 1 },
      { key: 'second-7', limit: 1 },
    ],
  );
});

for (const status of [429, 500]) {
  test(`pushes again what the platform refused with ${status}`, async () => {
    await push([request('a')], fault('before', status));
    assert.deepEqual(idsOf(), ['a']);
  });
}

test('rather polls twice than not at all when the answer to a push was lost', async () => {
  await push([request('a')], fault('after', 503));
  assert.deepEqual(idsOf(), ['a', 'a']);
});

test('says that it failed when the platform refuses for longer', async () => {
  await assert.rejects(push([request('a')], { ...fault('before', 500), times: 10 }));
  assert.deepEqual(idsOf(), []);
});

test('tells an event whose run was ended from one that is new, or that was only held up', () => {
  const again = (retryReason: string) => wasEnded({ retryContext: { retryCount: 1, retryReason, retryData: null } });
  assert.ok(!wasEnded({}));
  assert.ok(again(InvocationErrorCode.FUNCTION_OUT_OF_MEMORY) && again(InvocationErrorCode.FUNCTION_TIME_OUT));
  // The platform delivers again for faults of its own too, by names that nobody has published.
  for (const reason of [
    InvocationErrorCode.FUNCTION_PLATFORM_RATE_LIMITED,
    'FUNCTION_PLATFORM_UNKNOWN_ERROR',
    'new',
    '',
  ])
    assert.ok(!again(reason), reason);
});

test('understands its own events, and no others', () => {
  assert.ok(readPollEvent({ connectionIds: ['a'], force: true }));
  for (const body of [null, {}, { connectionIds: [] }, { connectionIds: ['a'] }, { connectionId: 'a', force: true }]) {
    assert.equal(readPollEvent(body), null, JSON.stringify(body));
  }
});
