import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AfterDownload } from '../../src/domain/connection';
import type { Mailbox } from '../../src/domain/ports';
import { imapMailbox } from '../../src/mail/imap/mailbox';
import { fetchAll, mail, rawText } from '../contract/fetched';
import { type Random, seededRandom } from '../soak/random';
import { startCourier } from '../support/courier';
import { startCyrus } from '../support/cyrus';
import { startDovecot } from '../support/dovecot';
import { type ImapPerson, imapPerson } from '../support/imap-person';
import type { MailStore, MailStoreOptions } from '../support/mail-store';
import { overlayProblem } from '../support/overlay-root';
import { dovecotSettings } from './imap-account';

/** A person works in the mailbox while it is listed, fetched from and settled: what they touch is never taken for what was asked. */
const rounds = 100;
const users = ['ada', 'ben', 'cleo', 'dan'];

const stores: Record<string, (options: MailStoreOptions) => Promise<MailStore>> = {
  Dovecot: async (options) => ({ ...(await startDovecot(options)), name: 'Dovecot', prefix: '', separator: '/' }),
  Cyrus: startCyrus,
  Courier: startCourier,
};

/** What is in a mailbox, as far as the test knows. */
interface Ledger {
  delivered: Set<string>;
  /** What the person, or we, have begun to take away. */
  removed: Set<string>;
  /** How often each mail was handed out. */
  taken: Map<string, number>;
}

const textOf = (subject: string) => mail(subject, `${subject} `.repeat(1 + (subject.length % 7) * 20));

async function deliver(
  person: ImapPerson,
  { delivered }: Ledger,
  subjects: readonly string[],
  flags = '',
): Promise<void> {
  for (const subject of subjects) {
    delivered.add(subject);
    await person.command(`APPEND INBOX ${flags} `.replace('  ', ' '), Buffer.from(textOf(subject)));
  }
}

/** One thing that a person does to mail of their choice. */
async function act(person: ImapPerson, random: Random, { removed }: Ledger, folder: string): Promise<void> {
  const uids = (await person.command('UID SEARCH ALL')).join(' ').match(/\d+/g) ?? [];
  if (uids.length === 0) return;
  // Rather the newest: those are being listed.
  const chosen = Array.from({ length: 3 }, () => uids[Math.max(0, uids.length - 1 - random.below(30))] ?? '1');
  if (!random.chance(0.1)) {
    const flag = random.pick(['\\Flagged', '\\Seen', '\\Answered', '$Work', 'later']);
    await person.command(`UID STORE ${chosen.join(',')} ${random.pick(['+', '-'])}FLAGS (${flag})`).catch(() => []);
    return;
  }
  const [uid] = chosen;
  const header = await person.command(`UID FETCH ${uid} (BODY.PEEK[HEADER.FIELDS (SUBJECT)])`);
  const subject = header.map((line) => /^Subject: (.*)$/.exec(line)?.[1]).find((found) => found !== undefined);
  if (subject === undefined) return;
  removed.add(subject);
  const commands = [`UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`, `UID EXPUNGE ${uid}`];
  if (random.chance(0.5)) commands.unshift(`UID COPY ${uid} ${folder}`);
  // It may be gone by now: mail that was taken is deleted or moved by us as well.
  for (const command of commands) await person.command(command).catch(() => []);
}

/** Lists in small pages until nothing comes any more, and fetches and settles each page. @returns the position */
async function takeAll(mailbox: Mailbox, from: string | null, random: Random, ledger: Ledger): Promise<string> {
  const { taken, removed } = ledger;
  let position = from;
  for (let pages = 0; pages < 100; pages += 1) {
    const page = await mailbox.list(position, 7);
    assert.equal(page.reset, false);
    assert.ok(page.arrivals.length <= 7, `a page of ${page.arrivals.length}`);
    position = page.position;
    const handles = page.arrivals.map(({ handle }) => handle);
    const here: string[] = [];
    for (const one of await fetchAll(mailbox, handles)) {
      // Who deletes a mail decides what becomes of it, and this is checked below: only removed mail may be missing.
      if (one.outcome === 'gone') continue;
      const subject = /^Subject: (.*)\r$/m.exec(rawText(one))?.[1] ?? '';
      assert.equal(rawText(one), textOf(subject), 'what comes is what was delivered');
      taken.set(subject, (taken.get(subject) ?? 0) + 1);
      here.push(subject);
    }
    const action = random.pick<AfterDownload>(['mark-read', 'delete', 'move']);
    if (action !== 'mark-read') for (const subject of here) removed.add(subject);
    for (const settled of await mailbox.settle(handles, action, 'Kept')) assert.notEqual(settled.outcome, 'refused');
    if (!page.more && page.arrivals.length === 0) return position ?? '';
  }
  throw new Error('The listing comes to no end.');
}

/** Works while a person keeps acting on the mailbox. */
async function whileActing<T>(
  person: ImapPerson,
  random: Random,
  ledger: Ledger,
  folder: string,
  work: () => Promise<T>,
) {
  let isDone = false;
  const acting = (async () => {
    while (!isDone) await act(person, random, ledger, folder);
  })();
  try {
    return await work();
  } finally {
    isDone = true;
    await acting;
  }
}

function check({ delivered, removed, taken }: Ledger, unwanted: ReadonlySet<string>): void {
  const missing = [...delivered].filter((one) => !unwanted.has(one) && !taken.has(one) && !removed.has(one));
  assert.deepEqual(missing, [], 'nothing is passed over');
  assert.deepEqual(
    [...taken].filter(([, times]) => times > 1),
    [],
    'nothing is taken twice',
  );
  assert.deepEqual(
    [...taken.keys()].filter((one) => unwanted.has(one)),
    [],
    'nothing is taken that was not wanted',
  );
}

for (const [name, start] of Object.entries(stores)) {
  const skip = name === 'Dovecot' || overlayProblem === null ? false : overlayProblem;
  test(`${name}: a person flags, moves and deletes while ${rounds} rounds of mail are taken`, {
    skip,
    timeout: 180_000,
  }, async () => {
    const store = await start({ users: Object.fromEntries(users.map((user) => [user, 'secret'])) });
    const folder = `${store.prefix}Kept`;
    try {
      for (const [index, user] of users.entries()) {
        const random = seededRandom(index + 1);
        const ledger: Ledger = { delivered: new Set(), removed: new Set(), taken: new Map() };
        const login = { port: store.ports.imap, user, password: 'secret' };
        const [person, sender] = [await imapPerson(login), await imapPerson(login)];
        await person.command(`CREATE ${folder}`);
        await person.command('SELECT INBOX');
        const mailbox = imapMailbox(
          dovecotSettings(store, 'tls', { username: user }),
          { password: 'secret' },
          { resolve: async () => ['127.0.0.1'], allowPlaintext: false },
        );
        const old = Array.from({ length: 40 }, (_, n) => `${user} old ${n}`);
        const [read, unread] = [old.filter((_, n) => n % 2 === 0), old.filter((_, n) => n % 2 === 1)];
        for (const [n, subject] of old.entries())
          await deliver(sender, ledger, [subject], n % 2 === 0 ? '(\\Seen)' : '');
        const from = index % 2 === 0 ? ('unread' as const) : ('now' as const);
        let position = await mailbox.begin({ from });
        const unwanted = new Set(from === 'now' ? [...read, ...unread] : read);
        for (let round = 0; round < rounds / users.length; round += 1) {
          const news = round === 0 ? [] : Array.from({ length: 24 }, (_, n) => `${user} ${round} ${n}`);
          await deliver(sender, ledger, news);
          position = await whileActing(person, random, ledger, folder, () =>
            takeAll(mailbox, position, random, ledger),
          );
          check(ledger, unwanted);
        }
        await mailbox.close();
        await person.close();
        await sender.close();
      }
    } finally {
      await store.stop();
    }
  });
}
