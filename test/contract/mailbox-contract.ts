import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import type { Fetched, Mailbox } from '../../src/domain/ports';

/** What a provider can't do is left out of the contract. */
export interface MailboxTraits {
  /** More than one folder: `folders()`, `move`, an unknown folder. */
  folders: boolean;
  /** Read and unread. */
  flags: boolean;
  /** The server can forget every position, and says so. */
  reset: boolean;
  /** The server tells when a message came. */
  receivedAt: boolean;
}

/** An empty mailbox of its own for each test. Messages are whole mails with CRLF line ends. */
export interface ContractAccount {
  open(options?: { folder?: string; password?: string }): Mailbox;
  deliver(messages: readonly (string | Uint8Array)[], folder?: string): Promise<void>;
  /** Removes the messages with this subject, as another mail program would. */
  remove(subject: string): Promise<void>;
  counts(folder?: string): Promise<{ total: number; unread: number }>;
  createFolder(folder: string): Promise<void>;
  /** Makes the server forget all positions of a folder, which then is empty. */
  reset(folder: string): Promise<void>;
}

export interface ContractServer {
  traits: MailboxTraits;
  account(): Promise<ContractAccount>;
  stop(): Promise<void>;
}

export const mail = (subject: string, body = 'Hello.') =>
  `From: Ann <ann@example.com>\r\nTo: desk@example.com\r\nSubject: ${subject}\r\n\r\n${body}\r\n`;

export async function fetchAll(
  mailbox: Mailbox,
  handles: readonly string[],
  maxBytes = 1024 * 1024,
): Promise<Fetched[]> {
  const fetched: Fetched[] = [];
  for await (const one of mailbox.fetch(handles, maxBytes)) fetched.push(one);
  return fetched;
}

export const rawText = (fetched: Fetched | undefined): string =>
  fetched?.outcome === 'raw' ? Buffer.from(fetched.raw).toString('latin1') : `(${fetched?.outcome})`;

/** Every adapter of `Mailbox` behaves like this. */
export function mailboxContract(name: string, start: () => Promise<ContractServer>): void {
  describe(`${name} as a mailbox`, () => {
    let server: ContractServer;
    before(async () => {
      server = await start();
    });
    after(() => server?.stop());

    async function setUp(messages: readonly (string | Uint8Array)[] = []) {
      const account = await server.account();
      if (messages.length > 0) await account.deliver(messages);
      return { account, mailbox: account.open() };
    }

    test('lists what is there, oldest first, and nothing of it again', async () => {
      const { account, mailbox } = await setUp([mail('one'), mail('two'), mail('three')]);
      const first = await mailbox.list(null, 50);
      assert.equal(first.arrivals.length, 3);
      assert.equal(first.more, false);
      assert.equal(first.reset, false);
      assert.equal(first.arrivals[0]?.size, mail('one').length);
      if (server.traits.receivedAt) assert.ok(Math.abs((first.arrivals[0]?.receivedAt ?? 0) - Date.now()) < 600_000);
      const raws = await fetchAll(
        mailbox,
        first.arrivals.map(({ handle }) => handle),
      );
      assert.deepEqual(raws.map(rawText), [mail('one'), mail('two'), mail('three')]);

      const second = await mailbox.list(first.position, 50);
      assert.deepEqual(second, { arrivals: [], position: first.position, more: false, reset: false });
      await account.deliver([mail('four')]);
      const third = await mailbox.list(second.position, 50);
      const [arrival] = third.arrivals;
      assert.equal(third.arrivals.length, 1);
      assert.deepEqual((await fetchAll(mailbox, [arrival?.handle ?? ''])).map(rawText), [mail('four')]);
      assert.deepEqual(
        (await account.open().list(third.position, 50)).arrivals,
        [],
        'a position is good for another session',
      );
      await mailbox.close();
    });

    test('lists an empty mailbox', async () => {
      const { mailbox } = await setUp();
      const { arrivals, more, reset, position } = await mailbox.list(null, 50);
      assert.deepEqual({ arrivals, more, reset }, { arrivals: [], more: false, reset: false });
      assert.deepEqual((await mailbox.list(position, 50)).arrivals, []);
      await mailbox.close();
    });

    test('lists a backlog in pages without a gap or a repetition', async () => {
      const { mailbox } = await setUp(Array.from({ length: 47 }, (_, n) => mail(`mail ${n}`)));
      const handles: string[] = [];
      let position: string | null = null;
      for (let more = true; more; ) {
        const page = await mailbox.list(position, 5);
        assert.ok(page.arrivals.length <= 5);
        handles.push(...page.arrivals.map(({ handle }) => handle));
        ({ position, more } = page);
      }
      assert.equal(new Set(handles).size, 47);
      const texts = (await fetchAll(mailbox, handles)).map(rawText);
      assert.deepEqual(
        texts,
        Array.from({ length: 47 }, (_, n) => mail(`mail ${n}`)),
      );
      await mailbox.close();
    });

    test('fetches in the given order, byte for byte, and marks nothing as read', async () => {
      const binary = Buffer.concat([
        Buffer.from(mail('bytes')),
        randomBytes(3_000).map((byte) => byte || 1),
        Buffer.from('\r\n'),
      ]);
      const tricky = mail('tricky', '.\r\n..\r\n* 1 FETCH (UID 1)\r\n)\r\na1 OK done {5}\r\n\r\n');
      const sent = [mail('a'), tricky, binary.toString('latin1').replace(/\r?\n|\r/g, '\r\n'), mail('d'), mail('e')];
      const { account, mailbox } = await setUp(sent.map((text) => Buffer.from(text, 'latin1')));
      const handles = (await mailbox.list(null, 50)).arrivals.map(({ handle }) => handle);
      const order = [3, 1, 4, 0, 2];
      const fetched = await fetchAll(
        mailbox,
        order.map((index) => handles[index] ?? ''),
      );
      assert.deepEqual(
        fetched.map(({ handle }) => handle),
        order.map((index) => handles[index]),
      );
      assert.deepEqual(
        fetched.map(rawText),
        order.map((index) => sent[index]),
      );
      if (server.traits.flags) assert.deepEqual(await account.counts(), { total: 5, unread: 5 });
      await mailbox.close();
    });

    test('tells which messages went away after they were listed', async () => {
      const { account, mailbox } = await setUp([mail('stays'), mail('goes'), mail('stays too')]);
      const handles = (await mailbox.list(null, 50)).arrivals.map(({ handle }) => handle);
      await account.remove('goes');
      const fetched = await fetchAll(mailbox, handles);
      assert.deepEqual(fetched.map(rawText), [mail('stays'), '(gone)', mail('stays too')]);
      const another = account.open();
      assert.deepEqual((await fetchAll(another, handles)).map(rawText), [mail('stays'), '(gone)', mail('stays too')]);
      await mailbox.close();
      await another.close();
    });

    test('hands out no message above the limit, and all those beside it', async () => {
      const { mailbox } = await setUp([mail('small'), mail('large', 'x'.repeat(70_000)), mail('last')]);
      const { arrivals } = await mailbox.list(null, 50);
      const fetched = await fetchAll(
        mailbox,
        arrivals.map(({ handle }) => handle),
        50_000,
      );
      assert.deepEqual(
        fetched.map(({ outcome }) => outcome),
        ['raw', 'too-large', 'raw'],
      );
      assert.equal(fetched[1]?.outcome === 'too-large' && fetched[1].size, arrivals[1]?.size);
      await mailbox.close();
    });

    test('hands out a message of many megabytes whole, between small ones', async () => {
      const megabytes = mail(
        'big',
        Array.from({ length: 130_000 }, (_, n) => String(n).padStart(70, '.')).join('\r\n'),
      );
      const { mailbox } = await setUp([mail('before'), megabytes, mail('after')]);
      const handles = (await mailbox.list(null, 50)).arrivals.map(({ handle }) => handle);
      const fetched = await fetchAll(mailbox, handles, 25 * 1024 * 1024);
      assert.equal(rawText(fetched[0]), mail('before'));
      assert.ok(rawText(fetched[1]) === megabytes, 'the big one is the same, byte for byte');
      assert.equal(rawText(fetched[2]), mail('after'));
      await mailbox.close();
    });

    test('can be left in the middle of a fetch, and used on', async () => {
      const { mailbox } = await setUp(Array.from({ length: 30 }, (_, n) => mail(`mail ${n}`, 'x'.repeat(20_000))));
      const handles = (await mailbox.list(null, 50)).arrivals.map(({ handle }) => handle);
      for await (const one of mailbox.fetch(handles, 50_000)) {
        assert.equal(one.outcome, 'raw');
        break;
      }
      assert.equal((await mailbox.list(null, 50)).arrivals.length, 30);
      await mailbox.close();
    });

    test('deletes what it is told to and nothing else, twice without harm', async () => {
      const { account, mailbox } = await setUp([mail('keep'), mail('drop'), mail('keep too'), mail('drop too')]);
      const handles = (await mailbox.list(null, 50)).arrivals.map(({ handle }) => handle);
      const drop = [handles[1] ?? '', handles[3] ?? ''];
      const settled = await mailbox.settle(drop, 'delete', '');
      assert.deepEqual(
        settled,
        drop.map((handle) => ({ handle, outcome: 'settled' })),
      );
      assert.equal((await account.counts()).total, 2);
      const again = await mailbox.settle(drop, 'delete', '');
      assert.deepEqual(
        again,
        drop.map((handle) => ({ handle, outcome: 'gone' })),
      );
      assert.equal((await account.counts()).total, 2);
      await mailbox.close();
    });

    test('marks as read what it is told to, and tells what is gone', async (context) => {
      if (!server.traits.flags) return context.skip('the provider has no flags');
      const { account, mailbox } = await setUp([mail('one'), mail('two'), mail('gone')]);
      const handles = (await mailbox.list(null, 50)).arrivals.map(({ handle }) => handle);
      await account.remove('gone');
      const chosen = [handles[2] ?? '', handles[0] ?? ''];
      for (const _ of ['first', 'again']) {
        const settled = await mailbox.settle(chosen, 'mark-read', '');
        assert.deepEqual(settled, [
          { handle: chosen[0], outcome: 'gone' },
          { handle: chosen[1], outcome: 'settled' },
        ]);
        assert.deepEqual(await account.counts(), { total: 2, unread: 1 });
      }
      await mailbox.close();
      return undefined;
    });

    test('moves into a folder, and moves nothing into a folder that is not there', async (context) => {
      if (!server.traits.folders) return context.skip('the provider has no folders');
      const { account, mailbox } = await setUp([mail('one'), mail('two')]);
      await account.createFolder('Done/Büro');
      const handles = (await mailbox.list(null, 50)).arrivals.map(({ handle }) => handle);
      const [one = '', two = ''] = handles;
      const [refused] = await mailbox.settle([one], 'move', 'Nowhere/At all');
      assert.equal(refused?.outcome, 'refused');
      assert.match(refused?.outcome === 'refused' ? refused.message : '', /Nowhere\/At all/);
      assert.equal((await account.counts()).total, 2);
      assert.deepEqual(await mailbox.settle([two, one], 'move', 'Done/Büro'), [
        { handle: two, outcome: 'settled' },
        { handle: one, outcome: 'settled' },
      ]);
      assert.equal((await account.counts()).total, 0);
      assert.equal((await account.counts('Done/Büro')).total, 2);
      assert.deepEqual(await mailbox.settle([two], 'move', 'Done/Büro'), [{ handle: two, outcome: 'gone' }]);
      await mailbox.close();
      return undefined;
    });

    test('reads a folder below another, with letters that are not ASCII, and lists both', async (context) => {
      if (!server.traits.folders) return context.skip('the provider has no folders');
      const { account } = await setUp();
      await account.createFolder('Support/Übersee & Co');
      await account.deliver([mail('far')], 'Support/Übersee & Co');
      const mailbox = account.open({ folder: 'Support/Übersee & Co' });
      const { arrivals } = await mailbox.list(null, 50);
      assert.deepEqual((await fetchAll(mailbox, [arrivals[0]?.handle ?? ''])).map(rawText), [mail('far')]);
      const folders = await mailbox.folders();
      assert.deepEqual(folders[0], { path: 'INBOX', selectable: true });
      assert.deepEqual(
        folders.find(({ path }) => path === 'Support/Übersee & Co'),
        { path: 'Support/Übersee & Co', selectable: true },
      );
      await mailbox.close();
      return undefined;
    });

    test('says that a folder does not exist', async (context) => {
      if (!server.traits.folders) return context.skip('the provider has no folders');
      const { account } = await setUp();
      const mailbox = account.open({ folder: 'Support/Nowhere' });
      await assert.rejects(mailbox.list(null, 50), isError('folder-not-found', 'access', 'folder'));
      const report = await mailbox.check();
      assert.equal(report.ok, false);
      assert.deepEqual([report.steps.at(-1)?.step, report.steps.at(-1)?.ok], ['folder', false]);
      assert.ok(
        (await mailbox.folders()).some(({ path }) => path === 'INBOX'),
        'the folders can be listed all the same',
      );
      await mailbox.close();
      return undefined;
    });

    test('starts over when the server forgot the position, and leaves the new messages alone that old handles name', async (context) => {
      if (!server.traits.reset) return context.skip('positions of the provider are for good');
      const { account } = await setUp();
      await account.createFolder('Support');
      await account.deliver([mail('old'), mail('older')], 'Support');
      const before = account.open({ folder: 'Support' });
      const old = await before.list(null, 50);
      await before.close();
      await account.reset('Support');
      await account.deliver([mail('new')], 'Support');
      const mailbox = account.open({ folder: 'Support' });
      const listing = await mailbox.list(old.position, 50);
      assert.equal(listing.reset, true);
      assert.equal(listing.arrivals.length, 1);
      const handles = old.arrivals.map(({ handle }) => handle);
      assert.deepEqual((await fetchAll(mailbox, handles)).map(rawText), ['(gone)', '(gone)']);
      const settled = await mailbox.settle(handles, 'delete', '');
      assert.deepEqual(
        settled.map(({ outcome }) => outcome),
        ['gone', 'gone'],
      );
      assert.equal((await account.counts('Support')).total, 1);
      assert.equal((await mailbox.list(listing.position, 50)).reset, false);
      await mailbox.close();
      return undefined;
    });

    test('estimates how much mail a start point means, and begins there', async () => {
      const { account, mailbox } = await setUp([mail('old'), mail('older')]);
      const everything = await mailbox.estimate('everything');
      assert.deepEqual(everything, { count: 2, confidence: 'exact', position: null });
      const now = await mailbox.estimate('now');
      assert.deepEqual([now.count, now.confidence], [0, 'exact']);
      assert.deepEqual((await mailbox.list(now.position, 50)).arrivals, []);
      await account.deliver([mail('new')]);
      const { arrivals } = await mailbox.list(now.position, 50);
      assert.deepEqual((await fetchAll(mailbox, [arrivals[0]?.handle ?? ''])).map(rawText), [mail('new')]);
      assert.equal(arrivals.length, 1);
      assert.equal((await mailbox.estimate('everything')).count, 3);
      await mailbox.close();
    });

    test('reports each step to the mailbox, and how many messages are in it', async () => {
      const { mailbox } = await setUp([mail('one'), mail('two')]);
      const report = await mailbox.check();
      assert.equal(report.ok, true, JSON.stringify(report));
      assert.ok(report.steps.every(({ ok, took, message }) => ok && took >= 0 && message !== ''));
      assert.equal(report.messages?.total, 2);
      if (server.traits.flags) assert.equal(report.messages?.unread, 2);
      await mailbox.close();
    });

    test('says that the password is wrong, and does not try again by itself', async () => {
      const { account } = await setUp();
      const mailbox = account.open({ password: 'wrong' });
      await assert.rejects(mailbox.list(null, 50), isError('sign-in-failed', 'access', 'sign-in'));
      const report = await mailbox.check();
      assert.equal(report.ok, false);
      assert.deepEqual([report.steps.at(-1)?.step, report.steps.at(-1)?.ok], ['sign-in', false]);
      assert.equal(report.messages, null);
      await mailbox.close();
    });
  });
}

/** A check for `assert.rejects`. */
export function isError(code: string, kind: string, step?: string) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof AppError, String(error));
    assert.deepEqual(
      { code: error.code, kind: error.kind, ...(step === undefined ? {} : { step: error.step }) },
      { code, kind, ...(step === undefined ? {} : { step }) },
    );
    return true;
  };
}
