import assert from 'node:assert/strict';
import { after, before, type TestContext } from 'node:test';
import { pollLimits } from '../../src/domain/limits';
import type { ApiFault } from '../emulator/provider/faults';
import { type HttpInbox, type HttpStage, startHttpStage } from './http-stage';
import { faultTests } from './matrix';

const seconds = 1_000;
const day = 24 * 60 * 60 * seconds;

let stage: HttpStage;
let inboxes: readonly HttpInbox[];
before(async () => {
  stage = await startHttpStage();
  inboxes = [await stage.inbox('gmail'), await stage.inbox('graph')];
});
after(() => stage?.close());

/** The same for Gmail and Graph, one after the other. */
const both = (run: (inbox: HttpInbox) => Promise<void>) => async (context: TestContext) => {
  for (const inbox of inboxes) {
    context.after(() => {
      inbox.faults.clear();
      stage.forge.setFaults([]);
    });
    await inbox.recovers();
    inbox.asked();
    await run(inbox);
  }
};

let mails = 0;
/** Subjects that no other test has. */
const subject = () => {
  mails += 1;
  return `mail ${mails}`;
};

/** Something that passes is never taken for an empty mailbox: it is noted as trouble, and the next poll takes what waits. */
const passes = (fault: Omit<ApiFault, 'match'>, code: string) =>
  both(async (inbox) => {
    inbox.faults.add({ ...fault, match: inbox.calls.news });
    inbox.deliver(subject(), subject());
    await inbox.poll();
    const { state, trouble, polledAt } = await inbox.view();
    assert.deepEqual([state, trouble?.code], ['enabled', code]);
    assert.ok((polledAt ?? 0) < (trouble?.since ?? 0), 'no poll that reached the mailbox');
    assert.equal(inbox.left(), 2);
    await inbox.recovers();
  });

/** A wait that the provider asks for is kept to: not one request before it is over. @param expected milliseconds */
const isWaitedFor = (fault: Pick<ApiFault, 'status'> & { retryAfter?: () => string }, expected: number) =>
  both(async (inbox) => {
    const { retryAfter, ...rest } = fault;
    const header = retryAfter === undefined ? {} : { retryAfter: retryAfter() };
    inbox.faults.add({ match: inbox.calls.news, kind: 'status', ...rest, ...header });
    inbox.deliver(subject());
    await inbox.poll();
    const { trouble } = await inbox.view();
    assert.equal(trouble?.code, 'throttled');
    const wait = (trouble?.notBefore ?? 0) - (trouble?.since ?? 0);
    // A date has whole seconds, and is read when the answer comes.
    assert.ok(wait <= expected + seconds && wait > expected - 20 * seconds, `${wait} ms`);
    inbox.asked();
    await inbox.poll('scheduled');
    await stage.forge.advance(wait / seconds / 2);
    await inbox.poll('scheduled');
    assert.equal(inbox.asked().length, 0, 'asked nothing before the time was over');
    await stage.forge.advance(wait / seconds / 2 + 1);
    await inbox.poll('scheduled');
    assert.deepEqual(inbox.issues(), inbox.delivered);
    await inbox.recovers();
  });

/** Whatever is broken after the listing: what was taken stays taken, the rest waits, and nothing is taken twice. */
const passesMidRun = (fault: Omit<ApiFault, 'match'>) =>
  both(async (inbox) => {
    for (const call of ['raw', 'delete'] as const) {
      for (const skip of [0, 1]) {
        inbox.deliver(subject(), subject(), subject());
        inbox.faults.add({ ...fault, match: inbox.calls[call], skip });
        await inbox.poll();
        const { state, trouble } = await inbox.view();
        assert.equal(state, 'enabled');
        assert.doesNotMatch(trouble?.code ?? '', /unexpected|request-refused/);
        await inbox.recovers();
      }
    }
  });

const inThirtySeconds = () => new Date(Date.now() + 30 * seconds).toUTCString();

faultTests('http', {
  '401 mid-run': both(async (inbox) => {
    inbox.deliver(subject(), subject(), subject());
    inbox.faults.add({
      match: inbox.calls.raw,
      kind: 'meanwhile',
      does: () => stage.identity.expireAccessTokens(inbox.address),
    });
    const asked = stage.identity.tokenRequests.length;
    await inbox.poll();
    assert.deepEqual(inbox.issues(), inbox.delivered);
    assert.equal(stage.identity.tokenRequests.length, asked + 1);
    assert.ok(
      inbox.asked().some(({ status }) => status === 401),
      'the token was refused in the middle',
    );
    await inbox.recovers();
  }),
  invalid_grant: both(async (inbox) => {
    const other = await stage.inbox(inbox.provider);
    stage.identity.revoke(inbox.address);
    inbox.deliver(subject());
    other.deliver(subject());
    await inbox.poll();
    await other.poll();
    const { state, trouble } = await inbox.view();
    assert.deepEqual([state, trouble?.code], ['suspended', 'authorization-expired']);
    assert.deepEqual(other.issues(), other.delivered);
    const asked = stage.identity.tokenRequests.length;
    await inbox.poll('scheduled');
    assert.equal(stage.identity.tokenRequests.length, asked, 'no storm of refused requests');
    assert.equal(inbox.left(), 1);
    await inbox.authorize();
    await inbox.recovers();
    await other.recovers();
    const { id, version } = await other.view();
    await stage.call('connections.delete', { id, version });
  }),
  "rotated token can't be stored": both(async (inbox) => {
    inbox.deliver(subject());
    stage.identity.expireAccessTokens(inbox.address);
    stage.forge.setFaults([{ match: 'kvs/api/v1/secret/set', when: 'before', kind: 'error', times: 100 }]);
    await inbox.poll();
    const { state, trouble } = await inbox.view();
    assert.deepEqual([state, trouble?.code], ['enabled', 'tokens-not-stored']);
    assert.ok(
      inbox.asked().every(({ status }) => status === 401),
      'written before use',
    );
    stage.forge.setFaults([]);
    await inbox.recovers();
  }),
  'two refreshes at once': both(async (inbox) => {
    inbox.deliver(subject());
    stage.identity.expireAccessTokens(inbox.address);
    const asked = stage.identity.tokenRequests.length;
    const { settings } = await inbox.view();
    const [report] = await Promise.all([stage.call('connections.test', { id: inbox.id, settings }), inbox.poll()]);
    assert.equal(report.ok, true, JSON.stringify(report));
    assert.equal(stage.identity.tokenRequests.length, asked + 1);
    assert.deepEqual(inbox.issues(), inbox.delivered);
    await inbox.recovers();
  }),
  '429 with Retry-After in seconds': isWaitedFor({ status: 429, retryAfter: () => '30' }, 30 * seconds),
  '429 with Retry-After as a date': isWaitedFor({ status: 429, retryAfter: inThirtySeconds }, 30 * seconds),
  '429 without Retry-After': isWaitedFor({ status: 429 }, pollLimits.backoffMs),
  '429 with Retry-After of one day': isWaitedFor({ status: 429, retryAfter: () => '86400' }, day),
  '503 with Retry-After in seconds': isWaitedFor({ status: 503, retryAfter: () => '30' }, 30 * seconds),
  '503 with Retry-After as a date': isWaitedFor({ status: 503, retryAfter: inThirtySeconds }, 30 * seconds),
  '503 without Retry-After': isWaitedFor({ status: 503 }, pollLimits.backoffMs),
  '503 with Retry-After of one day': isWaitedFor({ status: 503, retryAfter: () => '86400' }, day),
  '429 with Retry-After of a second on a part of a batch': both(async (inbox) => {
    inbox.deliver(subject(), subject(), subject());
    inbox.faults.add({ match: inbox.calls.inBatch, kind: 'status', status: 429, retryAfter: '1', skip: 1 });
    await inbox.poll();
    const { trouble, waiting } = await inbox.view();
    assert.deepEqual([trouble, waiting, inbox.left()], [null, 0, 0]);
    assert.ok(inbox.asked().some(({ status }) => status === 429));
    assert.deepEqual(inbox.issues(), inbox.delivered);
  }),
  '429 with Retry-After of one day in the middle of a run': both(async (inbox) => {
    inbox.deliver(subject(), subject(), subject());
    inbox.faults.add({ match: inbox.calls.raw, kind: 'status', status: 429, retryAfter: '86400' });
    await inbox.poll();
    const { trouble, waiting } = await inbox.view();
    assert.ok(waiting > 0);
    assert.equal((trouble?.notBefore ?? 0) - (trouble?.since ?? 0), day);
    inbox.asked();
    await inbox.poll('scheduled');
    // Downloads that were under way beside the refused one may still be answered.
    assert.ok(!inbox.asked().some(({ path }) => inbox.calls.news.test(path)));
    await inbox.recovers();
  }),
  '500': passes({ kind: 'status', status: 500 }, 'provider-trouble'),
  '504': passes({ kind: 'status', status: 504 }, 'provider-trouble'),
  'HTML with 200': passes({ kind: 'html' }, 'bad-answer'),
  'cut JSON with 200': passes({ kind: 'half-json' }, 'bad-answer'),
  '500 in the middle of a run': passesMidRun({ kind: 'status', status: 500 }),
  '504 after the effect, in the middle of a run': passesMidRun({ kind: 'status-after', status: 504 }),
  'HTML with 200 in the middle of a run': passesMidRun({ kind: 'html' }),
  'an answer that is cut in the middle of a run': passesMidRun({ kind: 'cut' }),
  'repeating page link': both(async (inbox) => {
    inbox.faults.add({ match: inbox.calls.news, kind: 'same-page', times: 1_000 });
    inbox.deliver(subject());
    await inbox.poll();
    assert.equal((await inbox.view()).trouble?.code, 'paging-loop');
    assert.ok(inbox.asked().length <= 5);
    await inbox.recovers();
  }),
  '404 on delete': both(async (inbox) => {
    const [gone = ''] = inbox.deliver(subject(), subject());
    inbox.faults.add({ match: inbox.calls.delete, kind: 'meanwhile', does: () => inbox.remove(gone) });
    await inbox.poll();
    assert.ok(
      inbox.asked().some(({ status }) => status === 404),
      'it was gone before it was deleted',
    );
    const { trouble, waiting, warning } = await inbox.view();
    assert.deepEqual([trouble, waiting, warning], [null, 0, null]);
    await inbox.recovers();
  }),
  '404 at a download': both(async (inbox) => {
    inbox.faults.add({ match: inbox.calls.raw, kind: 'status', status: 404, times: 1 });
    inbox.deliver(subject());
    await inbox.poll();
    const { waiting, trouble } = await inbox.view();
    assert.deepEqual([waiting, trouble, inbox.left()], [1, null, 1]);
    await stage.forge.advance(61);
    await inbox.recovers();
    const told = await stage.call('connections.completeness', { id: inbox.id });
    assert.equal(told?.totals.gone, 0);
  }),
  '404 at a download, twice': both(async (inbox) => {
    const [gone = ''] = inbox.deliver(subject());
    inbox.faults.add({ match: inbox.calls.raw, kind: 'meanwhile', does: () => inbox.remove(gone) });
    await inbox.poll();
    for (let round = 0; round < 4 && (await inbox.view()).waiting > 0; round += 1) {
      await stage.forge.advance(301);
      await inbox.poll();
    }
    const { entries } = await stage.call('activity.list', { connectionId: inbox.id, result: 'gone' });
    assert.deepEqual(
      entries.map(({ code }) => code),
      ['mail-gone'],
    );
    assert.equal((await inbox.view()).waiting, 0);
  }),
});
