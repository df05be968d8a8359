import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../../src/domain/app-error';
import { fetchAll } from '../../contract/fetched';
import { systemClock } from '../../emulator/clock';
import { googleError } from '../../emulator/google/errors';
import { drain, mail, subjectOf } from '../drain';
import { address, setUpGmail } from './gmail-set-up';

const refusals: [string, number, Parameters<typeof googleError>[1], string, RegExp][] = [
  ['the Gmail API is switched off', 403, { reason: 'accessNotConfigured' }, 'api-disabled', /Google Cloud project/],
  ["the organisation's policy", 403, { reason: 'domainPolicy' }, 'blocked-by-policy', /Workspace administrator/],
  [
    'an account without Gmail',
    400,
    { reason: 'failedPrecondition', message: 'Mail service not enabled' },
    'no-mailbox',
    /no Gmail mailbox/,
  ],
  ['any other denial', 403, { reason: 'forbidden' }, 'access-denied', /permissions/],
];
for (const [title, status, detail, code, words] of refusals) {
  test(`${title} is told by name, and suspends`, async (context) => {
    const { google, mailbox } = await setUpGmail(context);
    google.faults.add({ match: /./, kind: 'status', status, body: googleError(status, detail).body, times: 2 });
    await assert.rejects(mailbox.list(null, 50), { code, kind: 'access', message: words });
    const report = await mailbox.check();
    assert.equal(report.steps.at(-1)?.step, 'sign-in');
    assert.match(report.steps.at(-1)?.message ?? '', words);
  });
}

test('a token without the permission to change mail reads, and says what is missing when it is to change', async (context) => {
  const { deliver, mailbox } = await setUpGmail(context, {
    scopes: ['https://www.googleapis.com/auth/gmail.readonly'],
  });
  const id = deliver(mail('one'));
  assert.equal((await drain(mailbox, null)).arrivals.length, 1);
  await assert.rejects(mailbox.settle([id], 'mark-read', ''), {
    code: 'scope-missing',
    kind: 'access',
    message: /gmail\.modify/,
  });
});

for (const reason of ['rateLimitExceeded', 'userRateLimitExceeded', 'dailyLimitExceeded']) {
  test(`403 ${reason} is a wait, not a denial`, async (context) => {
    const { google, mailbox } = await setUpGmail(context);
    google.faults.add({ match: /./, kind: 'status', status: 403, body: googleError(403, { reason }).body });
    await assert.rejects(mailbox.list(null, 50), { code: 'throttled', kind: 'transient' });
    assert.equal((await mailbox.list(null, 50)).more, false);
  });
}

test('a quota that is used up is waited for as long as Gmail says in its message', async (context) => {
  const clock = systemClock();
  const { deliver, mailbox } = await setUpGmail(context, { clock, unitsPerMinute: 300 });
  for (let n = 0; n < 80; n += 1) deliver(mail(`mail ${n}`));
  const taken: string[] = [];
  let position: string | null = null;
  let waits = 0;
  for (let more = true; more; ) {
    try {
      const listing = await mailbox.list(position, 20);
      for await (const one of mailbox.fetch(
        listing.arrivals.map(({ handle }) => handle),
        1_000_000,
      ))
        taken.push(subjectOf(one));
      ({ position, more } = listing);
    } catch (thrown) {
      assert.ok(
        thrown instanceof AppError && thrown.code === 'throttled' && thrown.kind === 'transient',
        String(thrown),
      );
      assert.ok(thrown.retryAfterMs !== undefined && thrown.retryAfterMs <= 60_000);
      waits += 1;
      clock.advance(60_000);
    }
  }
  assert.ok(waits > 0, 'the quota was reached');
  assert.equal(new Set(taken).size, 80);
});

test('a part of a batch that went too fast is asked for once more', async (context) => {
  const { deliver, google, mailbox } = await setUpGmail(context);
  const ids = Array.from({ length: 6 }, (_, n) => deliver(mail(`mail ${n}`)));
  google.faults.add({
    match: new RegExp(`messages/${ids[2]}\\?format=raw`),
    kind: 'status',
    status: 429,
    retryAfter: '0',
  });
  assert.deepEqual(
    (await fetchAll(mailbox, ids)).map(subjectOf),
    ids.map((_, n) => `mail ${n}`),
  );
});

test('a part of a batch that has to wait for long ends the call, and the wait is passed on', async (context) => {
  const { deliver, google, mailbox } = await setUpGmail(context);
  const ids = Array.from({ length: 6 }, (_, n) => deliver(mail(`mail ${n}`)));
  google.faults.add({
    match: new RegExp(`messages/${ids[2]}\\?format=raw`),
    kind: 'status',
    status: 429,
    retryAfter: '600',
  });
  await assert.rejects(fetchAll(mailbox, ids), { code: 'throttled', retryAfterMs: 600_000 });
});

test('a token that runs out inside a batch is renewed once, and the batch is sent again', async (context) => {
  const { deliver, google, mailbox, refreshes } = await setUpGmail(context);
  const ids = Array.from({ length: 3 }, (_, n) => deliver(mail(`mail ${n}`)));
  assert.equal((await drain(mailbox, null)).arrivals.length, 3);
  google.faults.add({ match: /format=raw/, kind: 'status', status: 401, times: 2, skip: 1 });
  assert.deepEqual((await fetchAll(mailbox, ids)).map(subjectOf), ['mail 0', 'mail 1', 'mail 2']);
  assert.equal(refreshes.length, 1);
});

test('delete means the trash, and move changes labels', async (context) => {
  const { deliver, google, mailbox } = await setUpGmail(context);
  const [first = '', second = '', third = ''] = ['a', 'b', 'c'].map((subject) => deliver(mail(subject)));
  google.addLabel(address, 'Done');
  await mailbox.settle([first], 'delete', '');
  await mailbox.settle([second], 'move', 'Done');
  assert.deepEqual(google.labelsOf(address, first), ['TRASH', 'UNREAD']);
  assert.deepEqual(google.labelsOf(address, second), ['Done', 'UNREAD']);
  assert.deepEqual(google.labelsOf(address, third), ['INBOX', 'UNREAD']);
});

test('one message that is gone does not keep the others from being marked', async (context) => {
  const { deliver, google, mailbox } = await setUpGmail(context);
  const ids = ['a', 'b', 'c'].map((subject) => deliver(mail(subject)));
  google.remove(address, ids[1] ?? '');
  const settled = await mailbox.settle(ids, 'mark-read', '');
  assert.deepEqual(
    settled.map(({ outcome }) => outcome),
    ['settled', 'gone', 'settled'],
  );
  assert.deepEqual(google.labelsOf(address, ids[2] ?? ''), ['INBOX']);
});

test('check names each step, and a host that is not reached is the step "connect"', async (context) => {
  const { deliver, google, mailbox } = await setUpGmail(context);
  deliver(mail('one'));
  const report = await mailbox.check();
  assert.deepEqual(
    report.steps.map(({ step }) => step),
    ['connect', 'sign-in', 'folder', 'count'],
  );
  assert.match(report.steps[1]?.message ?? '', /desk@gmail\.example/);
  assert.deepEqual(report.messages, { total: 1, unread: 1 });
  google.faults.add({ match: /./, kind: 'reset' });
  assert.deepEqual(
    (await mailbox.check()).steps.map(({ step, ok }) => [step, ok]),
    [['connect', false]],
  );
});
