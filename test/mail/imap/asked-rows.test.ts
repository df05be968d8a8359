import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mailbox } from '../../../src/domain/ports';
import { fetchAll, rawText } from '../../contract/fetched';
import { scriptedFolder, withNoise } from '../../support/scripted-folder';
import { withServer } from '../../support/scripted-mailbox';

/** A person works in the mailbox while it is read: rows of messages that nobody asked for come inside the answers. */

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const uidOf = (handle: string) => Number(handle.split('.')[1]);

async function listAll(
  mailbox: Mailbox,
  from: string | null,
  limit: number,
): Promise<{ uids: number[]; pages: number[] }> {
  const uids: number[] = [];
  const pages: number[] = [];
  let position = from;
  for (let more = true; more && pages.length < 1_000; ) {
    const listing = await mailbox.list(position, limit);
    uids.push(...listing.arrivals.map(({ handle }) => uidOf(handle)));
    pages.push(listing.arrivals.length);
    ({ position, more } = listing);
  }
  return { uids, pages };
}

const noises: [what: string, row: (uid: number) => string][] = [
  ['with UID', (uid) => `* ${uid} FETCH (FLAGS (\\Seen) UID ${uid})\r\n`],
  ['without UID', (uid) => `* ${uid} FETCH (FLAGS (\\Seen))\r\n`],
  [
    'with all that is known',
    (uid) => `* ${uid} FETCH (UID ${uid} RFC822.SIZE 9 INTERNALDATE "01-Jan-2026 10:00:00 +0000" FLAGS ())\r\n`,
  ],
  ['twice', (uid) => `* ${uid} FETCH (UID ${uid} FLAGS ())\r\n`.repeat(2)],
  ['of a UID that none can be', () => '* 9 FETCH (UID 9999999999 RFC822.SIZE 9 FLAGS ())\r\n'],
  ['of the largest UID there is', () => '* 9 FETCH (UID 4294967295 FLAGS (\\Seen))\r\n'],
  ['with a text', (uid) => `* ${uid} FETCH (UID ${uid} BODY[] {5}\r\nhello)\r\n`],
];

for (const [what, row] of noises) {
  for (const place of ['before', 'after'] as const) {
    test(`rows ${what} that come ${place} those that were asked for move no position and add no mail`, () => {
      const folder = scriptedFolder(upTo(300));
      const on = withNoise(folder, ['uid fetch', 'uid search', 'fetch'], () => ({ [place]: row(298) }));
      return withServer({ on }, async (mailbox) => {
        const { uids, pages } = await listAll(mailbox, null, 50);
        assert.deepEqual(uids, upTo(300));
        assert.ok(Math.max(...pages) <= 50, `pages of ${pages.join()}`);
        const fetched = await fetchAll(mailbox, ['7.1', '7.2']);
        assert.deepEqual(
          fetched.map((one) => /Subject: (.*)\r/.exec(rawText(one))?.[1]),
          ['mail 1', 'mail 2'],
        );
        const settled = await mailbox.settle(['7.1', '7.2', '7.301'], 'mark-read', '');
        assert.deepEqual(
          settled.map(({ outcome }) => outcome),
          ['settled', 'settled', 'gone'],
        );
        assert.deepEqual(
          (await mailbox.estimate({ from: 'everything' })).first,
          upTo(10).map((uid) => `7.${uid}`),
        );
        assert.deepEqual(
          (await mailbox.preview(['7.3', '7.4'])).map(({ subject }) => subject),
          ['mail 3', 'mail 4'],
        );
      });
    });
  }
}

test('beginning with unread mail, old mail whose flags somebody changes meanwhile is not taken in', () => {
  const folder = scriptedFolder(upTo(120));
  for (const uid of upTo(120)) if (uid % 3 !== 0) folder.messages.get(uid)?.flags.add('\\Seen');
  const flagged = () => ({
    before: '* 1 FETCH (UID 1 FLAGS (\\Seen \\Flagged))\r\n',
    after: '* 119 FETCH (UID 119 FLAGS (\\Seen))\r\n',
  });
  return withServer({ on: withNoise(folder, ['uid fetch'], flagged) }, async (mailbox) => {
    const { count, first } = await mailbox.estimate({ from: 'unread' });
    assert.deepEqual([count, first.length], [40, 10]);
    const { uids, pages } = await listAll(mailbox, await mailbox.begin({ from: 'unread' }), 7);
    assert.deepEqual(
      uids,
      upTo(120).filter((uid) => uid % 3 === 0),
    );
    assert.ok(Math.max(...pages) <= 7);
  });
});

test('a change of flags of new mail that comes before its row is not taken for the row', () => {
  const folder = scriptedFolder(upTo(3));
  const on = withNoise(folder, ['uid fetch'], () => ({ before: '* 3 FETCH (UID 3 FLAGS ())\r\n' }));
  return withServer({ on }, async (mailbox) => {
    const { arrivals } = await mailbox.list(null, 50);
    assert.deepEqual(
      arrivals.map(({ handle, size }) => [handle, size === null]),
      [
        ['7.1', false],
        ['7.2', false],
        ['7.3', false],
      ],
    );
  });
});

test('what a server tells of a message in two rows is put together', () => {
  const folder = scriptedFolder([1, 2]);
  folder.row = (uid) =>
    `* ${uid} FETCH (UID ${uid} RFC822.SIZE 9)\r\n* ${uid} FETCH (UID ${uid} FLAGS (\\Seen) INTERNALDATE "01-Nov-2026 10:00:00 +0000")\r\n`;
  return withServer({ on: folder.on }, async (mailbox) => {
    const { arrivals } = await mailbox.list(null, 50);
    assert.deepEqual(
      arrivals.map(({ size, unread, receivedAt }) => [size, unread, receivedAt]),
      Array(2).fill([9, false, Date.UTC(2026, 10, 1, 10)]),
    );
  });
});

test('a row that is missing in the middle is asked for again, and a hole that is one costs no mail', () => {
  const folder = scriptedFolder([2, 3, 4, 9]);
  let isFirst = true;
  const row = folder.row;
  folder.row = (uid, items) => (isFirst && uid === 3 ? '' : row(uid, items));
  folder.on['uid search'] = ((search) => (tag, args, socket) => {
    isFirst = false;
    return search?.(tag, args, socket);
  })(folder.on['uid search']);
  return withServer({ on: folder.on }, async (mailbox) => {
    assert.deepEqual((await listAll(mailbox, null, 50)).uids, [2, 3, 4, 9]);
  });
});

test('mail that goes and comes while it is listed neither moves the position nor is passed over', () => {
  const folder = scriptedFolder(upTo(20));
  let count = 0;
  const on = withNoise(folder, ['uid fetch'], () => {
    count += 1;
    if (count !== 2) return undefined;
    folder.messages.delete(6);
    folder.messages.set(21, { flags: new Set(), raw: 'x' });
    folder.uidNext = 22;
    return { before: '* 6 EXPUNGE\r\n', after: '* VANISHED 1:3\r\n* 20 EXISTS\r\n* 0 RECENT\r\n' };
  });
  return withServer({ on }, async (mailbox) => {
    const { uids } = await listAll(mailbox, null, 5);
    assert.deepEqual(
      uids,
      [...upTo(21)].filter((uid) => uid !== 6 || uids.includes(6)),
    );
  });
});

test('no more messages are named before the start than are shown', () => {
  const folder = scriptedFolder(upTo(40));
  const noise = () => ({ before: '* 30 FETCH (UID 30 FLAGS ())\r\n', after: '* 31 FETCH (UID 31 FLAGS ())\r\n' });
  return withServer({ on: withNoise(folder, ['fetch', 'uid fetch', 'uid search'], noise) }, async (mailbox) => {
    for (const from of ['everything', 'unread'] as const)
      assert.equal((await mailbox.estimate({ from })).first.length, 10);
  });
});
