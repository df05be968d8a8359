import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positionChars } from '../../../src/domain/limits';
import { drain, mail } from '../drain';
import { address, setUpGraph } from './graph-set-up';

const hour = 60 * 60_000;
const handlesOf = (arrivals: readonly { handle: string }[]) => arrivals.map(({ handle }) => handle);

test('"unread mail" is what was unread when the connection began, oldest first, and whatever comes later', async (context) => {
  const { deliver, microsoft, mailbox, open } = await setUpGraph(context);
  const now = Date.now();
  const old = Array.from({ length: 12 }, (_, n) =>
    deliver(mail(`mail ${n}`), { receivedAt: now - (20 - n) * hour, read: n % 3 === 0 }),
  );
  const unread = old.filter((_, n) => n % 3 !== 0);
  deliver(mail('elsewhere'), { folder: 'Other' });
  const start = { from: 'unread' } as const;
  const estimate = await mailbox.estimate(start);
  assert.deepEqual([estimate.count, estimate.confidence, estimate.available], [8, 'exact', true]);
  assert.deepEqual(estimate.first, unread);
  const position = await mailbox.begin(start);
  // People go on reading, and mark old mail as unread: neither changes what was asked for.
  for (const id of unread.slice(3)) microsoft.read(address, id);
  microsoft.read(address, old[0] ?? '', false);
  const arrived = deliver(mail('new'), { receivedAt: now, read: true });
  const { arrivals, position: end } = await drain(open(), position, 3);
  assert.deepEqual(handlesOf(arrivals), [...unread, arrived]);
  assert.deepEqual(
    arrivals.map((arrival) => arrival.unread),
    [...Array(3).fill(true), ...Array(6).fill(false)],
  );
  const later = deliver(mail('later'), { receivedAt: now });
  assert.deepEqual(handlesOf((await mailbox.list(end, 50)).arrivals), [later]);
});

test('unread mail that leaves the folder before its turn is not taken, and those behind it are', async (context) => {
  const { deliver, microsoft, mailbox } = await setUpGraph(context);
  const sent = Array.from({ length: 6 }, (_, n) => deliver(mail(`mail ${n}`)));
  const position = await mailbox.begin({ from: 'unread' });
  microsoft.move(address, sent[1] ?? '', 'Deleted Items');
  microsoft.remove(address, sent[2] ?? '');
  const { arrivals } = await drain(mailbox, position, 2);
  assert.deepEqual(handlesOf(arrivals), [sent[0], ...sent.slice(3)]);
});

test('an empty folder, and one without unread mail, begin with what comes next', async (context) => {
  const { deliver, mailbox } = await setUpGraph(context);
  const fromEmpty = await mailbox.begin({ from: 'unread' });
  const read = deliver(mail('read'), { read: true });
  const { position } = await drain(mailbox, await mailbox.begin({ from: 'unread' }));
  assert.deepEqual(await mailbox.list(position, 50), { arrivals: [], position, more: false, reset: false });
  const arrived = deliver(mail('new'));
  assert.deepEqual(handlesOf((await mailbox.list(position, 50)).arrivals), [arrived]);
  assert.deepEqual(handlesOf((await drain(mailbox, fromEmpty)).arrivals), [read, arrived]);
});

test('a few unread mails among many read ones are found in a few requests', async (context) => {
  const { deliver, mailbox, requests } = await setUpGraph(context);
  const begin = Date.now() - 10_000 * hour;
  // Many in one second, which no filter by date divides.
  const same = Array.from({ length: 1_300 }, (_, n) => deliver('x: y\r\n\r\n', { receivedAt: begin, read: n !== 700 }));
  const rest = Array.from({ length: 5_000 }, (_, n) =>
    deliver('x: y\r\n\r\n', { receivedAt: begin + n * hour, read: n % 2_000 !== 999 }),
  );
  const position = await mailbox.begin({ from: 'unread' });
  requests();
  const { arrivals, listings } = await drain(mailbox, position);
  assert.deepEqual(handlesOf(arrivals), [same[700], rest[999], rest[2_999], rest[4_999]]);
  assert.ok(listings <= 8, `${listings} listings`);
  assert.ok(requests().length < 100);
});

test('unread mail is noted whole, also where it fills pages, and people read some of it meanwhile', async (context) => {
  const begin = Math.floor(Date.now() / 1_000) * 1_000 - 10_000 * hour;
  const first = new Date(begin).toISOString().slice(0, 19);
  let isRead = false;
  const { deliver, microsoft, mailbox } = await setUpGraph(context, {
    onRequest: (request) => {
      const url = decodeURIComponent(request);
      if (!url.includes('isRead eq false') || isRead) return;
      // Behind the first second, or two pages: a page that skips a number of mails would now skip ten others.
      isRead = !/ge (1900-|begin)/.test(url.replace(first, 'begin')) || url.includes('$skip=2000');
      if (isRead) for (const id of read) microsoft.read(address, id);
    },
  });
  const sent = [...Array(1_200).fill(begin), ...Array.from({ length: 1_500 }, (_, n) => begin + (n + 1) * 1_000)].map(
    (receivedAt) => deliver('x: y\r\n\r\n', { receivedAt }),
  );
  const read = sent.slice(1_300, 1_310);
  const position = await mailbox.begin({ from: 'unread' });
  assert.ok(isRead);
  const { arrivals } = await drain(mailbox, position, 500);
  assert.deepEqual(handlesOf(arrivals).length, sent.length);
  assert.deepEqual(new Set(handlesOf(arrivals)), new Set(sent));
});

test('more unread mail than can be noted is refused with a way out, as much as can be noted fits', async (context) => {
  const { deliver, mailbox } = await setUpGraph(context);
  for (let n = 0; n < 5_000; n += 1) deliver('Subject: x\r\n\r\n');
  const position = await mailbox.begin({ from: 'unread' });
  assert.ok((position ?? '').length < positionChars - 10_000, `${position?.length} characters, and links are long`);
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

test('a date begins with the first second that lies behind it whole, as Exchange keeps no more', async (context) => {
  const { deliver, mailbox, open } = await setUpGraph(context);
  const second = Math.floor(Date.now() / 1_000) * 1_000 - 5 * hour;
  const before = deliver(mail('the second before'), { receivedAt: second - 1_000 });
  const wanted = [0, 1_000, hour].map((after) => deliver(mail(`after ${after}`), { receivedAt: second + after }));
  for (const since of [second, second - 999]) {
    const estimate = await mailbox.estimate({ from: 'since', since });
    assert.deepEqual([estimate.count, estimate.confidence, estimate.first], [3, 'exact', wanted]);
    const { arrivals } = await drain(open(), await mailbox.begin({ from: 'since', since }), 2);
    assert.deepEqual(handlesOf(arrivals), wanted);
  }
  assert.deepEqual((await mailbox.estimate({ from: 'since', since: second - 1_000 })).first, [before, ...wanted]);
});

test('old mail that is put into the folder after a connection began at a date has arrived', async (context) => {
  const { deliver, microsoft, mailbox } = await setUpGraph(context);
  const old = deliver(mail('old'), { folder: 'Elsewhere', receivedAt: Date.now() - 1_000 * hour });
  const { position } = await drain(mailbox, await mailbox.begin({ from: 'since', since: Date.now() - hour }));
  microsoft.move(address, old, 'Inbox');
  assert.deepEqual(handlesOf((await mailbox.list(position, 50)).arrivals), [old]);
});

test('an estimate changes nothing, and costs two requests', async (context) => {
  const { deliver, microsoft, mailbox, requests } = await setUpGraph(context);
  const sent = Array.from({ length: 30 }, (_, n) => deliver(mail(`mail ${n}`)));
  requests();
  for (const start of [{ from: 'everything' }, { from: 'unread' }, { from: 'since', since: 0 }] as const) {
    const { count, confidence, first } = await mailbox.estimate(start);
    assert.deepEqual([count, confidence, first], [30, 'exact', sent.slice(0, 10)]);
    assert.equal(requests().length, 2);
  }
  assert.equal((await mailbox.estimate({ from: 'now' })).count, 0);
  assert.deepEqual(requests(), []);
  assert.ok(microsoft.messages(address).every(({ isRead }) => !isRead));
});

test('where Graph does not count, the estimate says so', async (context) => {
  const { deliver, microsoft, mailbox } = await setUpGraph(context);
  const id = deliver(mail('one'));
  deliver(mail('two'), { read: true });
  const uncounted = { value: [{ id }] };
  const estimate = async (start: Parameters<typeof mailbox.estimate>[0]) => {
    microsoft.faults.add({ match: /\$count/, kind: 'status', status: 200, body: uncounted });
    return mailbox.estimate(start);
  };
  const everything = await estimate({ from: 'everything' });
  assert.deepEqual([everything.count, everything.confidence], [2, 'estimate']);
  assert.match(everything.reason ?? '', /did not say.*folder's own count/);
  assert.equal((await estimate({ from: 'unread' })).count, 1);
  const since = await estimate({ from: 'since', since: 0 });
  assert.deepEqual([since.count, since.confidence, since.available, since.first], [null, 'unknown', true, [id]]);
});

test('a preview shows who wrote and about what in one request, without marking anything as read', async (context) => {
  const { deliver, microsoft, mailbox, requests } = await setUpGraph(context);
  const receivedAt = Date.UTC(2026, 10, 19, 8);
  const raw = 'From: =?utf-8?Q?J=C3=BCrgen?=\r\n <j@example.org>\r\nSubject: =?iso-8859-1?Q?gr=FCn?=\r\n\r\nText\r\n';
  const ids = [raw, mail('gone'), 'From: bare@example.org\r\n\r\n', 'X: y\r\n\r\n'].map((one) =>
    deliver(one, { receivedAt }),
  );
  microsoft.move(address, ids[1] ?? '', 'Elsewhere');
  requests();
  assert.deepEqual(await mailbox.preview(ids), [
    { handle: ids[0], receivedAt, from: 'Jürgen <j@example.org>', subject: 'grün' },
    { handle: ids[2], receivedAt, from: 'bare@example.org', subject: '' },
    { handle: ids[3], receivedAt, from: '', subject: '' },
  ]);
  assert.equal(requests().length, 1);
  assert.deepEqual(await mailbox.preview([]), []);
  assert.ok(microsoft.messages(address).every(({ isRead }) => !isRead));
});

test('a delta link that is forgotten while unread mail is still listed loses none of it, and says so once', async (context) => {
  const { deliver, microsoft, mailbox, open } = await setUpGraph(context);
  const read = deliver(mail('read'), { receivedAt: Date.now() - 100 * hour, read: true });
  const sent = Array.from({ length: 9 }, (_, n) => deliver(mail(`mail ${n}`)));
  const first = await mailbox.list(await mailbox.begin({ from: 'unread' }), 4);
  microsoft.expireDeltas();
  const missed = deliver(mail('missed by the delta link'));
  const rest = await drain(open(), first.position, 4);
  assert.deepEqual(handlesOf([...first.arrivals, ...rest.arrivals]), sent);
  assert.equal(rest.resets, 0);
  const again = await drain(open(), rest.position, 4);
  assert.equal(again.resets, 1);
  assert.deepEqual(handlesOf(again.arrivals), [read, ...sent, missed], 'intake knows what of it was taken');
  assert.deepEqual(
    again.arrivals.map((arrival) => arrival.unread),
    again.arrivals.map(({ handle }) => handle !== read),
  );
});

test('positions of before are still read, and their links tell nothing of being read', async (context) => {
  const { deliver, microsoft, mailbox } = await setUpGraph(context);
  const before = deliver(mail('before'));
  const { position } = await drain(mailbox, null);
  const { folder } = JSON.parse(position ?? '');
  const token = { authorization: 'Bearer token-1' };
  const delta = await fetch(
    `${microsoft.url}/v1.0/me/mailFolders/inbox/messages/delta?changeType=created&$select=id,receivedDateTime`,
    { headers: token },
  );
  const link = (await delta.json())['@odata.deltaLink'].replace('https://graph.microsoft.com', '');
  const start = { received: '2026-01-01T00:00:00Z', known: [] };
  const after = deliver(mail('after'));
  const follow = await mailbox.list(JSON.stringify({ phase: 'follow', folder, link, at: Date.now() }), 50);
  assert.deepEqual([handlesOf(follow.arrivals), follow.arrivals[0]?.unread], [[after], null]);
  const sweep = JSON.stringify({ phase: 'sweep', folder, start, next: null, newest: '' });
  assert.deepEqual(handlesOf((await mailbox.list(sweep, 50)).arrivals), [before, after]);
  const until = new Date().toISOString();
  const backlog = { phase: 'backlog', folder, start, link, at: Date.now(), until, mark: null };
  assert.deepEqual(handlesOf((await mailbox.list(JSON.stringify(backlog), 50)).arrivals), [before, after]);
});
