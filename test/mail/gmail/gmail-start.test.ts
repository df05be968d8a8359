import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positionChars } from '../../../src/domain/limits';
import { fetchAll } from '../../contract/fetched';
import { systemClock } from '../../emulator/clock';
import { drain, mail, subjectOf } from '../drain';
import { address, setUpGmail } from './gmail-set-up';

const hour = 60 * 60_000;
const handlesOf = (arrivals: readonly { handle: string }[]) => arrivals.map(({ handle }) => handle);

test('"unread mail" is what was unread when the connection began, oldest first, and whatever comes later', async (context) => {
  const { deliver, google, mailbox, open } = await setUpGmail(context);
  const now = Date.now();
  const old = Array.from({ length: 12 }, (_, n) =>
    deliver(mail(`mail ${n}`), { receivedAt: now - (20 - n) * hour, read: n % 3 === 0 }),
  );
  const unread = old.filter((_, n) => n % 3 !== 0);
  deliver(mail('elsewhere'), { label: 'Other' });
  const start = { from: 'unread' } as const;
  const estimate = await mailbox.estimate(start);
  assert.deepEqual([estimate.count, estimate.confidence, estimate.available], [8, 'exact', true]);
  assert.deepEqual(estimate.first, unread);
  const position = await mailbox.begin(start);
  // People go on reading, and mark old mail as unread: neither changes what was asked for.
  for (const id of unread.slice(3)) google.label(address, id, { remove: ['UNREAD'] });
  google.label(address, old[0] ?? '', { add: ['UNREAD'] });
  const arrived = deliver(mail('new'), { read: true });
  const { arrivals } = await drain(open(), position, 3);
  assert.deepEqual(handlesOf(arrivals), unread);
  assert.deepEqual(
    arrivals.map((arrival) => arrival.unread),
    [...Array(3).fill(true), ...Array(5).fill(false)],
  );
  const later = await drain(open(), (await drain(open(), position, 3)).position);
  assert.deepEqual(handlesOf(later.arrivals), [arrived]);
});

test('unread mail that is thrown away before its turn is not taken, and those behind it are', async (context) => {
  const { deliver, google, mailbox } = await setUpGmail(context);
  const sent = Array.from({ length: 6 }, (_, n) => deliver(mail(`mail ${n}`)));
  const position = await mailbox.begin({ from: 'unread' });
  google.label(address, sent[1] ?? '', { add: ['TRASH'], remove: ['INBOX'] });
  google.remove(address, sent[2] ?? '');
  const { arrivals } = await drain(mailbox, position, 2);
  assert.deepEqual(handlesOf(arrivals), [sent[0], ...sent.slice(2)]);
  const [gone] = await fetchAll(mailbox, [sent[2] ?? '']);
  assert.equal(gone?.outcome, 'gone', 'what is not found may be found a moment later: the download tells');
});

test('unread mail is noted whole, also where it fills pages, and people read some of it meanwhile', async (context) => {
  let isRead = false;
  const { deliver, google, mailbox } = await setUpGmail(context, {
    onRequest: (url) => {
      // Before the second page ten mails of the first are read: what follows moves ten places forward.
      if (isRead || !url.includes('pageToken')) return;
      isRead = true;
      for (const id of read) google.label(address, id, { remove: ['UNREAD'] });
    },
  });
  const now = Date.now();
  const sent = Array.from({ length: 1_200 }, (_, n) => deliver('x: y\r\n\r\n', { receivedAt: now - n * 60_000 }));
  const read = sent.slice(100, 110);
  const position = await mailbox.begin({ from: 'unread' });
  assert.ok(isRead);
  const handles = handlesOf((await drain(mailbox, position, 500)).arrivals);
  assert.deepEqual(new Set(handles), new Set(sent));
  assert.equal(handles.length, sent.length);
});

test('without unread mail a connection begins with what comes next', async (context) => {
  const { deliver, mailbox } = await setUpGmail(context);
  deliver(mail('read'), { read: true });
  const position = await mailbox.begin({ from: 'unread' });
  assert.deepEqual(await mailbox.list(position, 50), { arrivals: [], position, more: false, reset: false });
  const arrived = deliver(mail('new'));
  assert.deepEqual(handlesOf((await mailbox.list(position, 50)).arrivals), [arrived]);
});

test('more unread mail than can be noted is refused with a way out, as much as can be noted fits', async (context) => {
  const { deliver, mailbox } = await setUpGmail(context);
  for (let n = 0; n < 5_000; n += 1) deliver('Subject: x\r\n\r\n');
  const position = await mailbox.begin({ from: 'unread' });
  assert.ok((position ?? '').length < positionChars, `${position?.length} characters`);
  assert.equal((await mailbox.estimate({ from: 'unread' })).count, 5_000);
  deliver(mail('one too many'));
  const estimate = await mailbox.estimate({ from: 'unread' });
  assert.deepEqual([estimate.count, estimate.available, estimate.first], [null, false, []]);
  assert.match(estimate.reason ?? '', /More than 5,000 mails are unread.*Begin at a date/);
  await assert.rejects(mailbox.begin({ from: 'unread' }), {
    code: 'start-unavailable',
    kind: 'input',
    message: estimate.reason,
  });
});

test('a date is kept to the millisecond, though the search knows seconds', async (context) => {
  const { deliver, mailbox, open } = await setUpGmail(context);
  const since = Math.floor(Date.now() / 1_000) * 1_000 - 5 * hour + 500;
  for (const before of [1, 499, 501, 1_400, hour]) deliver(mail(`before ${before}`), { receivedAt: since - before });
  const wanted = [0, 1, 499, 3_000, hour].map((after) =>
    deliver(mail(`after ${after}`), { receivedAt: since + after }),
  );
  const start = { from: 'since', since } as const;
  const estimate = await mailbox.estimate(start);
  assert.deepEqual([estimate.count, estimate.confidence, estimate.first], [5, 'exact', wanted]);
  const position = await mailbox.begin(start);
  const late = deliver(mail('old, but put into the inbox only now'), { receivedAt: since - 2 * hour });
  const first = await drain(open(), position, 2);
  assert.deepEqual(handlesOf(first.arrivals), wanted);
  const then = await mailbox.list(first.position, 50);
  assert.deepEqual(handlesOf(then.arrivals), [late], 'what comes in from now on is taken, whatever its date');
});

test('a date in a large mailbox is listed oldest first, and estimated by the rate of the newest mail', async (context) => {
  const now = Date.now();
  const { deliver, mailbox, requests } = await setUpGmail(context, { clock: { ...systemClock(), now: () => now } });
  const sent = Array.from({ length: 6_000 }, (_, n) =>
    deliver('Subject: x\r\n\r\n', { receivedAt: now - (6_000 - n) * hour }),
  );
  requests();
  const since = now - 5_500 * hour;
  const estimate = await mailbox.estimate({ from: 'since', since });
  assert.equal(estimate.confidence, 'estimate');
  assert.ok(Math.abs((estimate.count ?? 0) - 5_500) < 5, String(estimate.count));
  assert.match(estimate.reason ?? '', /newest 5,000 mails/);
  assert.deepEqual(estimate.first, sent.slice(500, 510));
  assert.ok(requests().length < 30, 'within the time that a page waits');
  const everything = await mailbox.estimate({ from: 'everything' });
  assert.deepEqual([everything.count, everything.confidence], [6_000, 'exact']);
  assert.deepEqual(everything.first, sent.slice(0, 10));
  // Windows halve the time since 1970, which grows.
  assert.ok(requests().length < 30);
  const { arrivals } = await drain(mailbox, await mailbox.begin({ from: 'since', since }), 200);
  assert.deepEqual(handlesOf(arrivals), sent.slice(500));
});

test('an estimate changes nothing, and costs a few requests', async (context) => {
  const { deliver, google, mailbox, requests } = await setUpGmail(context);
  const sent = Array.from({ length: 30 }, (_, n) => deliver(mail(`mail ${n}`)));
  requests();
  for (const start of [{ from: 'everything' }, { from: 'unread' }, { from: 'since', since: 0 }] as const) {
    const { count, first } = await mailbox.estimate(start);
    assert.deepEqual([count, first], [30, sent.slice(0, 10)]);
  }
  assert.ok(requests().length <= 6);
  assert.deepEqual(await mailbox.estimate({ from: 'now' }), {
    count: 0,
    confidence: 'exact',
    reason: null,
    available: true,
    first: [],
  });
  assert.deepEqual(requests(), []);
  assert.ok(sent.every((id) => google.labelsOf(address, id)?.includes('UNREAD')));
});

test('a preview shows who wrote and about what in one request, without marking anything as read', async (context) => {
  const { deliver, google, mailbox, requests } = await setUpGmail(context);
  const receivedAt = Date.UTC(2026, 10, 19, 8);
  const raw =
    'From: =?utf-8?Q?J=C3=BCrgen?=\r\n <j@example.org>\r\nTo: x@example.org\r\nSubject: =?iso-8859-1?Q?gr=FCn?= und=20gut\r\n\r\nText\r\n';
  const ids = [deliver(raw, { receivedAt }), deliver(mail('gone')), deliver('Date: today\r\n\r\n', { receivedAt })];
  google.remove(address, ids[1] ?? '');
  requests();
  assert.deepEqual(await mailbox.preview(ids), [
    { handle: ids[0], receivedAt, from: 'Jürgen <j@example.org>', subject: 'grün und=20gut' },
    { handle: ids[2], receivedAt, from: '', subject: '' },
  ]);
  assert.equal(requests().length, 1);
  assert.deepEqual(await mailbox.preview([]), []);
  assert.ok(google.labelsOf(address, ids[0] ?? '')?.includes('UNREAD'));
});

test('a history that is forgotten while unread mail is still listed loses none of it, and says so once', async (context) => {
  const { deliver, google, mailbox, open } = await setUpGmail(context);
  const read = deliver(mail('read'), { read: true });
  const sent = Array.from({ length: 9 }, (_, n) => deliver(mail(`mail ${n}`)));
  const first = await mailbox.list(await mailbox.begin({ from: 'unread' }), 4);
  google.expireHistory(address);
  const missed = deliver(mail('missed by the history'));
  const rest = await drain(open(), first.position, 4);
  assert.deepEqual(handlesOf([...first.arrivals, ...rest.arrivals]), sent);
  assert.equal(rest.resets, 0);
  google.expireHistory(address);
  const again = await drain(open(), rest.position, 4);
  assert.equal(again.resets, 1);
  assert.deepEqual(
    new Set(handlesOf(again.arrivals)),
    new Set([read, ...sent, missed]),
    'intake knows what of it was taken',
  );
  assert.deepEqual(
    again.arrivals.map((arrival) => arrival.unread),
    again.arrivals.map(({ handle }) => handle !== read),
  );
});

test('positions of before are still read', async (context) => {
  const { deliver, mailbox, requests } = await setUpGmail(context);
  const now = Date.now();
  const before = deliver(mail('before'), { receivedAt: now - hour });
  const { position } = await drain(mailbox, null);
  const { history } = JSON.parse(position ?? '');
  const written = [
    JSON.stringify({ label: 'INBOX', history, at: now }),
    JSON.stringify({
      label: 'INBOX',
      history,
      at: now,
      windows: [[0, null]],
      overlap: ['11'],
      edge: ['12'],
      after: '13',
    }),
  ];
  const after = deliver(mail('after'));
  requests();
  const [news, backlog] = await Promise.all(written.map((one) => mailbox.list(one, 50)));
  assert.deepEqual([handlesOf(news?.arrivals ?? []), news?.reset], [[after], false]);
  assert.deepEqual([handlesOf(backlog?.arrivals ?? []), backlog?.reset], [[before, after], false]);
  assert.deepEqual((await fetchAll(mailbox, [before])).map(subjectOf), ['before']);
});
