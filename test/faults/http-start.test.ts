import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { ApiFault } from '../emulator/provider/faults';
import { type HttpInbox, type HttpStage, startHttpStage } from './http-stage';

const hour = 60 * 60_000;
/** Exchange keeps whole seconds. */
const wholeSecond = (time: number) => Math.floor(time / 1_000) * 1_000;

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
    context.after(() => inbox.faults.clear());
    await run(inbox);
  }
};

let mails = 0;
const subject = () => {
  mails += 1;
  return `mail ${mails}`;
};
/** More than one listing brings, oldest first. */
const many = Array.from({ length: 64 }, (_, index) => index);

/** Breaks the first poll behind its first listing, and lets the provider forget what it handed out before. */
async function breakAndForget(inbox: HttpInbox): Promise<void> {
  const taken = inbox.issues().length;
  inbox.faults.add({ match: inbox.calls.raw, kind: 'status', status: 500, skip: 55, times: 1_000 });
  await inbox.poll();
  assert.equal((await inbox.view()).trouble?.code, 'provider-trouble');
  assert.ok(inbox.issues().length > taken + 40, 'broken in the middle');
  assert.ok(inbox.left() > 0);
  inbox.faults.clear();
  inbox.forget();
}

test(
  'a position lost in the middle of the unread mail that a connection began with loses none that was wanted',
  both(async (inbox) => {
    const begin = Date.now() - 900 * hour;
    const unread = many.map((n) => {
      if (n % 2 === 0) inbox.put('read', { receivedAt: begin + n * hour, read: true, isWanted: false });
      return inbox.put(subject(), { receivedAt: begin + n * hour + 60_000 });
    });
    await inbox.begin({ from: 'unread' });
    await breakAndForget(inbox);
    // People read some of what is still to be taken, and new mail comes while nobody can say what is new.
    for (const handle of unread.slice(60)) inbox.read(handle);
    inbox.put(subject(), { receivedAt: Date.now() + 2_000 });
    await inbox.recovers();
    inbox.forget();
    inbox.put(subject(), { receivedAt: Date.now() + 4_000, read: true });
    await inbox.recovers();
  }),
);

test(
  'a position lost in the middle of the mail since a date loses none that was wanted',
  both(async (inbox) => {
    const since = wholeSecond(Date.now() - 500 * hour);
    for (const n of many) {
      inbox.put('too old', { receivedAt: since - n * 1_000 - 1_000, read: true, isWanted: false });
      inbox.put(subject(), { receivedAt: since + n * 60_000, read: n % 2 === 0 });
    }
    await inbox.begin({ from: 'since', since });
    await breakAndForget(inbox);
    inbox.put(subject(), { receivedAt: Date.now() + 6_000 });
    await inbox.recovers();
    inbox.forget();
    inbox.put(subject(), { receivedAt: Date.now() + 8_000 });
    await inbox.recovers();
  }),
);

/** Before its effect, after it, and with an answer that nobody gets. */
const breaks: Omit<ApiFault, 'match' | 'skip'>[] = [
  { kind: 'status', status: 500 },
  { kind: 'status-after', status: 504 },
  { kind: 'reset' },
];

for (const from of ['now', 'unread'] as const) {
  test(
    `beginning with ${from}, whichever call to the provider fails while mail is taken, also inside a batch: nothing lost, nothing doubled`,
    both(async (inbox) => {
      /** One poll from a new beginning, broken at one call; how many calls it made. */
      const brokenPoll = async (fault: Omit<ApiFault, 'match'> | null): Promise<number> => {
        inbox.put('not wanted', { read: true, isWanted: false });
        if (from === 'unread') inbox.deliver(subject(), subject());
        await inbox.begin({ from });
        inbox.deliver(subject());
        inbox.asked();
        if (fault !== null) inbox.faults.add({ ...fault, match: /./ });
        await inbox.poll();
        const calls = inbox.asked().length;
        await inbox.recovers();
        return calls;
      };
      const calls = await brokenPoll(null);
      assert.ok(calls >= 5, `${calls} calls`);
      for (const fault of breaks) for (let skip = 0; skip < calls; skip += 1) await brokenPoll({ ...fault, skip });
    }),
  );
}
