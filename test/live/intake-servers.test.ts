import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { graceMs } from '../../src/domain/limits';
import type { ProductRequest } from '../emulator/forge/forge';
import { startCourier } from '../support/courier';
import { startCyrus } from '../support/cyrus';
import { imapPerson, quoted } from '../support/imap-person';
import type { MailStore } from '../support/mail-store';
import { overlayProblem } from '../support/overlay-root';
import { type Product, startProduct } from '../support/product';
import { mail } from '../support/world';
import { storeAccount } from './store-account';

/** The whole path on servers that keep, number and expunge mail otherwise than Dovecot does. */
interface Case {
  user: string;
  provider: 'imap' | 'pop3';
  start: 'now' | 'unread' | 'everything';
  afterDownload: 'mark-read' | 'delete' | 'move';
}

const cases: readonly Case[] = [
  { user: 'ada', provider: 'imap', start: 'now', afterDownload: 'mark-read' },
  { user: 'ben', provider: 'imap', start: 'unread', afterDownload: 'delete' },
  { user: 'cleo', provider: 'imap', start: 'everything', afterDownload: 'move' },
  { user: 'dan', provider: 'imap', start: 'unread', afterDownload: 'mark-read' },
  { user: 'eve', provider: 'imap', start: 'now', afterDownload: 'move' },
  { user: 'flo', provider: 'pop3', start: 'everything', afterDownload: 'mark-read' },
  { user: 'gus', provider: 'pop3', start: 'everything', afterDownload: 'delete' },
];
const users = Object.fromEntries(cases.map(({ user }) => [user, 'secret']));

let product: Product;
/** Runs before each issue of a test is made, which waits for it. */
let beforeIssue: (count: number) => Promise<void> = async () => {};
let issueCount = 0;

async function meet({ method, path }: ProductRequest): Promise<void> {
  if (method !== 'POST' || path !== '/rest/api/3/issue') return;
  issueCount += 1;
  await beforeIssue(issueCount);
}

/** A mailbox of a server, the connection that empties it, and what should have become of its mail. */
async function openInbox(store: MailStore, { user, provider, start, afterDownload }: Case) {
  const account = storeAccount(store, user);
  const named = (subject: string) => `${store.name} ${user} ${subject}`;
  const mailOf = (subject: string) => mail(named(subject), { attachments: 1 });
  const text = (subject: string) => new TextDecoder().decode(mailOf(subject));
  if (afterDownload === 'move') await account.createFolder('Done');
  await account.deliverAt(text('old and read'), Date.now(), true);
  await account.deliver(['old 1', 'old 2'].map(mailOf));
  const old = { now: [], unread: ['old 1', 'old 2'], everything: ['old and read', 'old 1', 'old 2'] }[start];
  const wanted = [...old];
  const { id } = await product.connect(store, user, {
    port: provider === 'imap' ? store.ports.imaps : store.ports.pop3s,
    start,
    settings: { provider, name: named('mail'), afterDownload, ...(afterDownload === 'move' ? { moveTo: 'Done' } : {}) },
  });
  const view = () => product.call('connections.get', { id });
  const completeness = async () => {
    const told = await product.call('connections.completeness', { id });
    assert.ok(told);
    return told;
  };
  return {
    wanted,
    left: 3 - old.length,
    view,
    account,
    completeness,
    async deliver(...subjects: string[]) {
      wanted.push(...subjects);
      await account.deliver(subjects.map(mailOf));
    },
    /** Polls once; `meanwhile` runs before the poll makes its issue number `at`. */
    async poll(at = 0, meanwhile = async () => {}) {
      issueCount = 0;
      beforeIssue = async (count) => {
        if (count === at) await meanwhile();
      };
      await product.poll(id);
      beforeIssue = async () => {};
      assert.ok(issueCount >= at, `the poll made ${issueCount} issues only`);
    },
    /** Polls as the schedule does until nothing waits. */
    async settle() {
      await product.poll(id);
      for (let round = 0; round < 8 && (await view()).waiting > 0; round += 1) {
        await product.forge.advance(graceMs / 2_000 + 1);
        await product.poll(id);
      }
      const { state, waiting, trouble, quarantined } = await view();
      assert.deepEqual([state, waiting, trouble, quarantined], ['enabled', 0, null, 0]);
    },
    /** Flags one mail and deletes another, as people do. */
    async work(flagged: string, deleted: string) {
      const person = await imapPerson({ port: store.ports.imap, user, password: 'secret' });
      await person.command('SELECT INBOX');
      const [found] = await person.command(`SEARCH HEADER Subject ${quoted(named(flagged))}`);
      await person.command(`STORE ${/\d+/.exec(found ?? '')?.[0]} +FLAGS (\\Seen \\Flagged)`);
      await person.close();
      await account.remove(named(deleted));
    },
    /** Each wanted mail is one issue, with the bytes of its attachment. */
    assertIssues() {
      const made = product.jira.state
        .all()
        .filter(({ summary }) => summary.startsWith(named('')))
        .map(({ summary, attachments }) => [
          summary,
          attachments.map(({ id: file }) => Buffer.from(product.jira.state.file(file) ?? []).toString()),
        ]);
      const expected = wanted.map((subject) => [named(subject), [`${named(subject)},0`]]);
      assert.deepEqual(made.sort(), expected.sort());
    },
  };
}

async function takeAll(store: MailStore, one: Case): Promise<void> {
  const inbox = await openInbox(store, one);
  inbox.assertIssues();
  await inbox.deliver('new 1', 'new 2');
  await inbox.poll();
  inbox.assertIssues();

  await inbox.deliver('flagged', 'first', 'deleted', 'last');
  await inbox.poll(1, () => inbox.work('flagged', 'deleted'));
  await inbox.settle();
  inbox.assertIssues();

  await inbox.deliver('cut 1', 'cut 2', 'cut 3', 'cut 4');
  await inbox.poll(2, () => store.stop({ keep: true }));
  await inbox.poll();
  assert.notEqual((await inbox.view()).trouble, null);
  await store.start();
  await inbox.settle();
  inbox.assertIssues();

  await inbox.deliver('again 1', 'again 2', 'again 3');
  await inbox.poll(2, async () => {
    await store.stop({ keep: true });
    await store.start();
  });
  await inbox.settle();
  inbox.assertIssues();

  const { wanted, left, account } = inbox;
  const { provider, start, afterDownload } = one;
  const isLeft = afterDownload === 'mark-read';
  // What the person deleted was taken before.
  const kept = wanted.length - 1;
  const { total, unread } = await account.counts();
  assert.equal(total, left + (isLeft ? kept : 0));
  if (provider === 'imap') assert.equal(unread, start === 'now' ? 2 : 0);
  if (afterDownload === 'move') assert.equal((await account.counts('Done')).total, kept);
  const { totals, difference } = await inbox.completeness();
  assert.equal(totals.taken, wanted.length);
  // Mail that POP3 leaves is not looked for when it is settled: that the person took it away shows here.
  assert.equal(difference, provider === 'pop3' && isLeft ? -1 : 0);
}

const endings = { 'mark-read': 'keeps it', delete: 'deletes it', move: 'moves it' };
const beginnings = { now: 'new mail', unread: 'unread and new mail', everything: 'all mail' };
const titleOf = (name: string, { provider, start, afterDownload }: Case) =>
  `${name} by ${provider.toUpperCase()}: makes one issue of each of ${beginnings[start]} and ${endings[afterDownload]}, whatever people do and though the server is cut off twice`;

before(async () => {
  if (overlayProblem !== null) return;
  product = await startProduct({
    inFrontOfJira: (jira) => ({
      ...jira,
      handle: async (request) => {
        await meet(request);
        return jira.handle(request);
      },
    }),
  });
});
after(() => product?.close());

for (const [name, start] of Object.entries({ Cyrus: startCyrus, Courier: startCourier })) {
  describe(name, { skip: overlayProblem ?? false }, () => {
    let store: MailStore;
    before(async () => {
      store = await start({ users });
    });
    after(() => store?.stop());
    for (const one of cases) {
      test(titleOf(name, one), { timeout: 60_000 }, () => takeAll(store, one));
    }
  });
}
