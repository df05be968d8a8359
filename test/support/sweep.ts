import assert from 'node:assert/strict';
import { test } from 'node:test';
import { graceMs, pollTimeoutSeconds } from '../../src/domain/limits';
import { ownMark } from '../../src/mail/own-mark';
import { signingKeyStore } from '../../src/store/signing-key';
import type { Clock } from '../emulator/clock';
import type { Fault } from '../emulator/forge/forge';
import { currentInvocation } from '../emulator/forge/invocation';
import { type IssueRecord, issueKey } from '../emulator/jira/state';
import type { Product } from './product';
import { mail } from './world';

/**
 * The crash sweep over real parts: the app on the emulator's storage and Jira, the gateway as a process of its own, a mail
 * server. A poll is broken at its n-th call of the platform (storage, Jira, gateway or provider), for every n, and later polls
 * have to make good what it left behind.
 */
export interface Swept {
  product: Product;
  /** A connection that deletes what it took. */
  connectionId: string;
  deliver(raws: readonly Uint8Array[]): Promise<void>;
  left(): Promise<number>;
  /** Whether byte-identical copies are one message: not where the provider has a name for each. */
  copiesAreOne: boolean;
}

export type Breaking = Pick<Fault, 'when' | 'kind'>;

export interface Sweep {
  /** Delivers mail that is unlike all before. */
  refill(): Promise<void>;
  /** One poll that is broken at its call number `at`; tells whether it came that far. Null: a whole one. */
  poll(at: number | null, breaking?: Breaking): Promise<boolean>;
  /** Two at the same time; the first to come to its call number `at` is broken there. */
  twoPolls(at: number, breaking: Breaking): Promise<boolean>;
  /** Polls as the schedule does until nothing waits, then asserts: nothing lost, nothing doubled, nothing left, healthy. */
  settle(how: string): Promise<void>;
  /** Breaks a poll at each of its calls in turn; returns how many there were. */
  everywhere(how: string, broken: (at: number) => Promise<boolean>): Promise<number>;
}

/** Counts the platform calls of functions; `observe` is for `startProduct`. */
export const callCounter = () => {
  const calls = {
    count: 0,
    observe: () => {
      calls.count += 1;
    },
  };
  return calls;
};

export function sweepOver(swept: Swept, calls: { count: number }): Sweep {
  const { product, connectionId, deliver, left, copiesAreOne } = swept;
  const { forge, jira } = product;
  const event = { body: { connectionIds: [connectionId], force: true }, eventId: 'swept' };
  let batch = 0;
  let before = jira.state.all().length;
  let notices = 0;

  const run = async (): Promise<void> => {
    const { poll } = await import('../../src/index');
    // What kills it is what the test asked for.
    await forge.run(() => poll(event as never), { timeoutSeconds: pollTimeoutSeconds }).catch(() => undefined);
  };
  const breakAt = async (at: number | null, breaking: Breaking, runs: number): Promise<boolean> => {
    calls.count = 0;
    forge.setFaults(at === null ? [] : [{ match: '', skip: at - 1, times: 1, ...breaking }]);
    await Promise.all(Array.from({ length: runs }, run));
    forge.setFaults([]);
    return at !== null && calls.count >= at;
  };

  const sweep: Sweep = {
    refill: async () => {
      batch += 1;
      before = jira.state.all().length;
      const notice = await forge.run(() => ownMark(signingKeyStore().get).put(mail(`${batch} notice`)));
      const withFile = mail(`${batch} file`, { attachments: 1 });
      await deliver([withFile, notice, mail(`${batch} plain`), withFile]);
      notices += 1;
    },
    poll: (at, breaking = { when: 'before', kind: 'kill' }) => breakAt(at, breaking, 1),
    twoPolls: (at, breaking) => breakAt(at, breaking, 2),
    settle: async (how) => {
      await product.poll(connectionId);
      for (let round = 0; round < 14 && (await waiting()) > 0; round += 1) {
        await forge.advance(graceMs / 2_000 + 1);
        await product.poll(connectionId);
      }
      const made = jira.state.all().slice(before).map(described);
      const expected = [`${batch} file +1`, ...(copiesAreOne ? [] : [`${batch} file +1`]), `${batch} plain +0`];
      assert.deepEqual(made.sort(), expected.sort(), `lost or doubled, ${how}`);
      assert.equal(await left(), notices, `stuck in the mailbox, or a notice deleted, ${how}`);
      const all = { taken: 3 * notices, removed: 3 * notices, skipped: notices, gone: 0 };
      assert.deepEqual(await counted(), all, `not counted once each, ${how}`);
      const { state, trouble, quarantined } = await product.call('connections.get', { id: connectionId });
      assert.deepEqual({ state, trouble, quarantined }, { state: 'enabled', trouble: null, quarantined: 0 }, how);
    },
    everywhere: async (how, broken) => {
      for (let at = 1; ; at += 1) {
        await sweep.refill();
        const isBroken = await broken(at);
        await sweep.settle(`${how} at call ${at}`);
        if (!isBroken) return at - 1;
      }
    },
  };
  return sweep;

  /** What the connection's page says became of all mail so far; null when that does not fit what is in the mailbox. */
  async function counted() {
    const told = await product.call('connections.completeness', { id: connectionId });
    if (told === null || told.difference !== 0) return told;
    const { taken, removed, skipped, gone } = told.totals;
    return { taken, removed, skipped, gone };
  }

  async function waiting(): Promise<number> {
    return (await product.call('connections.get', { id: connectionId })).waiting;
  }
}

const described = (issue: IssueRecord) =>
  `${issue.summary} +${issue.attachments.length}${issue.comments.length > 0 ? ` commented, ${issueKey(issue)}` : ''}`;

/** Claims, issues, an attachment, receipts, the cursor, the log: a poll that calls the platform less often proves nothing. */
export const fewestCalls = 25;

/** The tests that every adapter has to pass: a poll is killed, or a call of it fails, at each of its calls alone. */
export function sweepTests(adapter: string, sweep: () => Sweep): void {
  for (const when of ['before', 'after'] as const) {
    test(`${adapter}: loses and doubles nothing when a poll is killed ${when} any call`, async () => {
      const count = await sweep().everywhere(`killed ${when}`, (at) => sweep().poll(at, { when, kind: 'kill' }));
      assert.ok(count >= fewestCalls, String(count));
    });

    test(`${adapter}: loses and doubles nothing when any call of a poll fails ${when} its effect`, async () => {
      await sweep().everywhere(`failed ${when}`, (at) => sweep().poll(at, { when, kind: 'error' }));
    });
  }
}

/** A clock that goes by this machine's monotonic time, so that tests can set `Date` wrong without touching it. */
export function monotonicClock(): Clock {
  let ahead = 0;
  return {
    now: () => Math.floor(performance.timeOrigin + performance.now() + ahead),
    advance: (milliseconds) => {
      ahead += milliseconds;
    },
  };
}

/** Runs `work` while the clock of the app's machine is wrong by so many milliseconds; the platform and Jira keep theirs. */
export async function withClockOff<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const right = Date.now;
  Date.now = () => right() + (currentInvocation() === null ? 0 : milliseconds);
  try {
    return await work();
  } finally {
    Date.now = right;
  }
}
