import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mailbox } from '../../src/domain/ports';
import type { Start } from '../../src/domain/start';
import { fetchAll, isError, rawText } from './fetched';
import type { ContractAccount, MailboxTraits, SetUp } from './mailbox-contract';

const dayMs = 24 * 60 * 60_000;
/** Not at midnight, and not within today: servers compare days. */
const since = Math.floor((Date.now() - 10 * dayMs) / 1_000) * 1_000;

/** A mail whose header says when it came in, as every receiving server writes it. */
const received = (subject: string, at: number): string =>
  `Received: from mx.example by mail.example; ${new Date(at).toUTCString().replace('GMT', '+0000')}\r\n` +
  `From: =?utf-8?q?J=C3=BCrgen_M=C3=BCller?= <j.mueller@example.com>\r\nTo: desk@example.com\r\nSubject: ${subject}\r\n\r\nHello.\r\n`;

/** Subject, when it came in, and whether somebody has read it. */
const mails: [string, number, boolean][] = [
  ['ancient, read', since - 400 * dayMs, true],
  ['ancient, unread', since - 400 * dayMs + 1_000, false],
  ['the day before', since - dayMs, false],
  ['a second too early', since - 1_000, false],
  ['in that second', since, true],
  ['a second later', since + 1_000, false],
  ['recent, read', since + 5 * dayMs, true],
  ['recent, unread', since + 6 * dayMs, false],
];
const wanted: Record<Start['from'], string[]> = {
  now: [],
  unread: mails.filter(([, , isRead]) => !isRead).map(([subject]) => subject),
  since: mails.filter(([, at]) => at >= since).map(([subject]) => subject),
  everything: mails.map(([subject]) => subject),
};
const starts: Start[] = [{ from: 'now' }, { from: 'unread' }, { from: 'since', since }, { from: 'everything' }];

const subjectOf = (raw: string): string => /^Subject: (.*?)\r$/m.exec(raw)?.[1] ?? raw;

async function subjectsOf(mailbox: Mailbox, handles: readonly string[]): Promise<string[]> {
  return (await fetchAll(mailbox, handles)).map((one) => subjectOf(rawText(one)));
}

/** Everything from a position on, a few at a time, until nothing comes any more: as polls do it one after the other. */
async function listAll(mailbox: Mailbox, from: string | null): Promise<string[]> {
  const handles: string[] = [];
  let position = from;
  for (let isQuiet = false; !isQuiet; ) {
    const listing = await mailbox.list(position, 3);
    handles.push(...listing.arrivals.map(({ handle }) => handle));
    isQuiet = !listing.more && listing.arrivals.length === 0;
    position = listing.position;
    assert.equal(listing.reset, false);
    assert.ok(handles.length < 100, 'the listing comes to an end');
  }
  return handles;
}

/** What comes in while a backlog is listed may be found both there and as news; receipts see to that. */
const once = (handles: readonly string[]): string[] => [...new Set(handles)];

async function deliverAll(account: ContractAccount): Promise<void> {
  for (const [subject, at, isRead] of mails) await account.deliverAt(received(subject, at), at, isRead);
}

/** Where a first poll can begin, and what is shown of it before. */
export function startContract(setUp: SetUp, traits: () => MailboxTraits): void {
  for (const start of starts) {
    const { from } = start;
    test(`beginning with ${from}, lists exactly what it counted, though people read it meanwhile, then what is new`, async (context) => {
      if (from === 'unread' && !traits().startsUnread) return context.skip('the provider does not know what is unread');
      const { account, mailbox } = await setUp();
      await deliverAll(account);
      const before = await account.counts();
      const estimate = await mailbox.estimate(start);
      const { count, confidence, reason, available } = estimate;
      const exactly = { count: wanted[from].length, confidence: 'exact', reason: null, available: true };
      assert.deepEqual({ count, confidence, reason, available }, exactly);
      const position = await mailbox.begin(start);
      assert.deepEqual(await account.counts(), before, 'nothing was marked as read');
      assert.deepEqual(await subjectsOf(mailbox, estimate.first), wanted[from]);

      await account.readAll();
      const at = Math.floor(Date.now() / 1_000) * 1_000;
      await account.deliverAt(received('new', at), at, false);
      const listed = await listAll(mailbox, position);
      assert.deepEqual(await subjectsOf(mailbox, once(listed)), [...wanted[from], 'new']);
      const subjects = await subjectsOf(mailbox, listed);
      assert.deepEqual(
        subjects.filter((subject) => subject !== 'new'),
        wanted[from],
        'nothing comes twice',
      );
      await mailbox.close();
      return undefined;
    });
  }

  for (const start of starts) {
    test(`beginning with ${start.from} in an empty mailbox, lists what comes`, async (context) => {
      if (start.from === 'unread' && !traits().startsUnread)
        return context.skip('the provider does not know what is unread');
      const { account, mailbox } = await setUp();
      const { count, first } = await mailbox.estimate(start);
      assert.deepEqual([count, first], [0, []]);
      const position = await mailbox.begin(start);
      const at = Math.floor(Date.now() / 1_000) * 1_000;
      await account.deliverAt(received('new', at), at, false);
      assert.deepEqual(await subjectsOf(mailbox, once(await listAll(mailbox, position))), ['new']);
      await mailbox.close();
      return undefined;
    });
  }

  test('lists the rest of what was wanted when some of it is gone by then', async () => {
    const { account, mailbox } = await setUp();
    await deliverAll(account);
    const start: Start = { from: 'since', since };
    const position = await mailbox.begin(start);
    await account.remove('a second later');
    await account.remove('recent, unread');
    // A session may list what another one has removed a moment ago.
    const listed = await subjectsOf(mailbox, once(await listAll(mailbox, position)));
    assert.deepEqual(
      listed.filter((subject) => subject !== '(gone)'),
      ['in that second', 'recent, read'],
    );
    await mailbox.close();
  });

  test('says that it can not begin with what is unread where nothing tells that', async (context) => {
    if (traits().startsUnread) return context.skip('the provider knows what is unread');
    const { account, mailbox } = await setUp();
    await deliverAll(account);
    const estimate = await mailbox.estimate({ from: 'unread' });
    assert.deepEqual([estimate.count, estimate.available], [null, false]);
    assert.match(estimate.reason ?? '', /unread/);
    await assert.rejects(mailbox.begin({ from: 'unread' }), isError('start-unavailable', 'input'));
    await mailbox.close();
    return undefined;
  });

  test('shows date, sender and subject of the first ten, decoded, and marks nothing as read', async () => {
    const { account, mailbox } = await setUp();
    for (let n = 0; n < 12; n += 1) {
      const at = since + n * dayMs;
      const subject = n === 0 ? '=?iso-8859-1?q?Stra=DFe?= =?utf-8?b?w7xiZXI=?=' : `mail ${n}.`;
      await account.deliverAt(received(subject, at), at, false);
    }
    const before = await account.counts();
    const { first } = await mailbox.estimate({ from: 'everything' });
    assert.equal(first.length, 10);
    await account.remove('mail 1.');
    const looking = traits().keepsRemoved === true ? account.open() : mailbox;
    const previews = await looking.preview(first);
    const shown = previews.map(({ receivedAt, from, subject }) => ({ receivedAt, from, subject }));
    const from = 'Jürgen Müller <j.mueller@example.com>';
    assert.deepEqual(shown.slice(0, 2), [
      { receivedAt: since, from, subject: 'Straßeüber' },
      { receivedAt: since + 2 * dayMs, from, subject: 'mail 2.' },
    ]);
    assert.equal(shown.length, 9, 'what is gone by now is left out');
    assert.deepEqual(
      previews.map(({ handle }) => handle),
      first.filter((_, index) => index !== 1),
    );
    assert.deepEqual(await account.counts(), { total: before.total - 1, unread: before.unread - 1 });
    assert.deepEqual(await mailbox.preview([]), []);
    if (traits().flags) {
      await mailbox.settle(first.slice(0, 1), 'mark-read', '');
      assert.equal((await account.counts()).unread, before.unread - 2, 'the counts would have told');
    }
    await mailbox.close();
    await looking.close();
  });

  test('tells what is unread when it lists a folder anew', async (context) => {
    const { flags, reset } = traits();
    if (!flags || !reset) return context.skip('the provider has no flags, or positions are for good');
    const { account, mailbox } = await setUp();
    await deliverAll(account);
    const { arrivals } = await mailbox.list(null, 50);
    assert.deepEqual(
      arrivals.map(({ unread }) => unread),
      mails.map(([, , isRead]) => !isRead),
    );
    await mailbox.close();
    return undefined;
  });
}
