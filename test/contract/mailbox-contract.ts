import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { Mailbox } from '../../src/domain/ports';
import { fetchAll, isError, mail, rawText } from './fetched';
import { folderContract, resetContract } from './folder-contract';
import { startContract } from './start-contract';

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
  /** A first poll can begin with what is unread. */
  startsUnread: boolean;
  /** An open session may go on giving out what another one removed, whole, until it is told so; a new one does not. */
  keepsRemoved?: boolean;
}

/** An empty mailbox of its own for each test. Messages are whole mails with CRLF line ends. */
export interface ContractAccount {
  open(options?: { folder?: string; password?: string }): Mailbox;
  deliver(messages: readonly (string | Uint8Array)[], folder?: string): Promise<void>;
  /** One message in the inbox, as it came in then (epoch milliseconds, whole seconds) and was read or not. */
  deliverAt(message: string, receivedAt: number, isRead: boolean): Promise<void>;
  /** Reads all that is in the inbox, as a person would. */
  readAll(): Promise<void>;
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

/** An account with these messages in its inbox, and a mailbox on it. */
export type SetUp = (
  messages?: readonly (string | Uint8Array)[],
) => Promise<{ account: ContractAccount; mailbox: Mailbox }>;

/** Every adapter of `Mailbox` behaves like this. */
export function mailboxContract(name: string, start: () => Promise<ContractServer>): void {
  describe(`${name} as a mailbox`, () => {
    let server: ContractServer;
    before(async () => {
      server = await start();
    });
    after(() => server?.stop());

    const setUp: SetUp = async (messages = []) => {
      const account = await server.account();
      if (messages.length > 0) await account.deliver(messages);
      return { account, mailbox: account.open() };
    };

    folderContract(setUp, () => server.traits);
    resetContract(setUp, () => server.traits);
    startContract(setUp, () => server.traits);

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
      const [first, goes, last] = (await fetchAll(mailbox, handles)).map(rawText);
      assert.deepEqual([first, last], [mail('stays'), mail('stays too')]);
      assert.ok(goes === '(gone)' || (server.traits.keepsRemoved === true && goes === mail('goes')), goes);
      const another = account.open();
      assert.deepEqual((await fetchAll(another, handles)).map(rawText), [mail('stays'), '(gone)', mail('stays too')]);
      await mailbox.close();
      await another.close();
    });

    test('fetches and settles what another session listed, after it lay idle with an older view of the mailbox', async () => {
      const { account, mailbox } = await setUp([mail('one')]);
      const listedByOther = async () => {
        const other = account.open();
        const { arrivals } = await other.list(position, 50);
        await other.close();
        return arrivals.at(-1)?.handle ?? '';
      };
      const { position } = await mailbox.list(null, 50);
      await account.deliver([mail('two')]);
      const [two] = await fetchAll(mailbox, [await listedByOther()]);
      assert.equal(rawText(two), mail('two'));
      await account.deliver([mail('three')]);
      const [settled] = await mailbox.settle([await listedByOther()], 'delete', '');
      assert.equal(settled?.outcome, 'settled');
      assert.equal((await account.counts()).total, 2);
      await mailbox.close();
    });

    test('hands out no message above the limit, and all those beside it', async () => {
      const { mailbox } = await setUp([mail('small'), mail('large', 'x'.repeat(70_000)), mail('last')]);
      const { arrivals } = await mailbox.list(null, 50);
      const handles = arrivals.map(({ handle }) => handle);
      const fetched = await fetchAll(mailbox, handles, 50_000);
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

    test('estimates how much mail a start point means, and begins there', async () => {
      const { account, mailbox } = await setUp([mail('old'), mail('older')]);
      const everything = await mailbox.estimate({ from: 'everything' });
      assert.deepEqual([everything.count, everything.confidence], [2, 'exact']);
      assert.equal(await mailbox.begin({ from: 'everything' }), null);
      const now = await mailbox.estimate({ from: 'now' });
      assert.deepEqual([now.count, now.confidence], [0, 'exact']);
      const position = await mailbox.begin({ from: 'now' });
      assert.deepEqual((await mailbox.list(position, 50)).arrivals, []);
      await account.deliver([mail('new')]);
      const { arrivals } = await mailbox.list(position, 50);
      assert.deepEqual((await fetchAll(mailbox, [arrivals[0]?.handle ?? ''])).map(rawText), [mail('new')]);
      assert.equal(arrivals.length, 1);
      assert.equal((await mailbox.estimate({ from: 'everything' })).count, 3);
      await mailbox.close();
    });

    test('reports each step to the mailbox, and how many messages are in it', async () => {
      const { mailbox } = await setUp([mail('one'), mail('two')]);
      const report = await mailbox.check();
      assert.equal(report.ok, true, JSON.stringify(report));
      assert.ok(report.steps.every(({ ok, took, message }) => ok && took >= 0 && message !== ''));
      assert.equal(report.messages?.total, 2);
      assert.equal(report.messages?.unread, server.traits.flags ? 2 : null);
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
