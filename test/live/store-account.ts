import { setTimeout as sleep } from 'node:timers/promises';
import type { Encryption } from '../../src/domain/connection';
import type { Mailbox } from '../../src/domain/ports';
import type { ContractAccount, ContractServer, MailboxTraits } from '../contract/mailbox-contract';
import { encodeFolder } from '../support/folder-encoding';
import { dateTime } from '../support/imap-append';
import { type ImapPerson, imapPerson, quoted } from '../support/imap-person';
import type { MailStore, MailStoreOptions } from '../support/mail-store';
import { dovecotSettings, type OpenImap } from './imap-account';
import { openPop3 } from './pop3-account';

/** Users for this many accounts; each test takes one. */
const accounts = 45;
const imapTraits: MailboxTraits = { folders: true, flags: true, reset: true, receivedAt: true, startsUnread: true };
const pop3Traits: MailboxTraits = {
  folders: false,
  flags: false,
  reset: false,
  receivedAt: false,
  startsUnread: false,
};

/**
 * Cyrus keeps what was expunged until no session can ask for it (imapd.conf(5), `expunge_mode`), as RFC 2180 §4.1.1 allows; by POP3
 * the messages of a session are those of its sign-in (RFC 1939 §3).
 */
export const keepingTraits = { keepsRemoved: true };

/**
 * Courier's POP3 numbers messages by their file names, in which the microseconds have no leading zeros: what comes in the first tenth of
 * a second stands behind what comes later. POP3 promises no order (RFC 1939); tests that look at it stay out of that tenth.
 */
async function whenNamesSort(): Promise<void> {
  const ms = Date.now() % 1_000;
  if (ms < 110 || ms > 960) await sleep(ms < 110 ? 110 - ms : 1_110 - ms);
}

/** What a user does to a mailbox with another mail program; folders are named with "/". */
export function storeAccount(store: MailStore, user: string): Omit<ContractAccount, 'open'> {
  const nameOf = (folder: string) =>
    folder === 'INBOX' ? folder : quoted(store.prefix + encodeFolder(folder).replaceAll('/', store.separator));

  async function using<T>(work: (person: ImapPerson) => Promise<T>): Promise<T> {
    const person = await imapPerson({ port: store.ports.imap, user, password: store.users[user] ?? '' });
    try {
      return await work(person);
    } finally {
      await person.close();
    }
  }
  async function append(messages: readonly (string | Uint8Array)[], folder: string, facts = ''): Promise<void> {
    await using(async (person) => {
      for (const message of messages) {
        if (store.name === 'Courier') await whenNamesSort();
        await person.command(`APPEND ${nameOf(folder)} ${facts}`, Buffer.from(message));
      }
    });
  }
  return {
    deliver: (messages, folder = 'INBOX') => append(messages, folder),
    deliverAt: (message, receivedAt, isRead) =>
      append([message], 'INBOX', `${isRead ? '(\\Seen) ' : ''}${dateTime(receivedAt)} `),
    readAll: () =>
      using(async (person) => {
        await person.command('SELECT INBOX');
        await person.command('STORE 1:* +FLAGS.SILENT (\\Seen)');
      }),
    remove: (subject) =>
      using(async (person) => {
        await person.command('SELECT INBOX');
        const found = (await person.command(`SEARCH HEADER Subject ${quoted(subject)}`)).join(' ').match(/\d+/g) ?? [];
        if (found.length > 0) await person.command(`STORE ${found.join(',')} +FLAGS.SILENT (\\Deleted)`);
        await person.command('EXPUNGE');
      }),
    counts: (folder = 'INBOX') =>
      using(async (person) => {
        const status = (await person.command(`STATUS ${nameOf(folder)} (MESSAGES UNSEEN)`)).join(' ');
        return {
          total: Number(/MESSAGES (\d+)/.exec(status)?.[1]),
          unread: Number(/UNSEEN (\d+)/.exec(status)?.[1]),
        };
      }),
    createFolder: (folder) => using(async (person) => void (await person.command(`CREATE ${nameOf(folder)}`))),
    reset: (folder) =>
      using(async (person) => {
        await person.command(`DELETE ${nameOf(folder)}`);
        // UIDVALIDITY is a time in seconds: a folder made in the same second would get the same.
        await sleep(1_100);
        await person.command(`CREATE ${nameOf(folder)}`);
      }),
  };
}

/** One user of a new server for each test. */
async function contractServer(
  start: (options: MailStoreOptions) => Promise<MailStore>,
  traits: MailboxTraits,
  open: (store: MailStore, user: string, options: { folder?: string; password?: string }) => Mailbox,
  stop: () => Promise<void> = async () => {},
): Promise<ContractServer> {
  const names = Array.from({ length: accounts }, (_, n) => `user${n}`);
  const store = await start({ users: Object.fromEntries(names.map((name) => [name, `secret-of-${name}`])) });
  let next = 0;
  return {
    traits,
    async account() {
      const user = names[next++];
      if (user === undefined) throw new Error('There are more tests than accounts.');
      return { ...storeAccount(store, user), open: (options = {}) => open(store, user, options) };
    },
    async stop() {
      await stop();
      await store.stop();
    },
  };
}

export const imapStore = (
  start: (options: MailStoreOptions) => Promise<MailStore>,
  encryption: Encryption,
  open: OpenImap,
  traits: Partial<MailboxTraits> = {},
  stop?: () => Promise<void>,
): Promise<ContractServer> =>
  contractServer(
    start,
    { ...imapTraits, ...traits },
    (store, username, { folder = '', password = store.users[username] ?? '' }) =>
      open(dovecotSettings(store, encryption, { username, folder }), password),
    stop,
  );

export const pop3Store = (
  start: (options: MailStoreOptions) => Promise<MailStore>,
  encryption: Encryption,
): Promise<ContractServer> =>
  contractServer(start, { ...pop3Traits, ...keepingTraits }, (store, user, { password = store.users[user] ?? '' }) =>
    openPop3(store, encryption, user, { password }),
  );
