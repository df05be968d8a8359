import type { Encryption, SettingsOf } from '../../src/domain/connection';
import type { Mailbox } from '../../src/domain/ports';
import type { ContractAccount, ContractServer } from '../contract/mailbox-contract';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { encodeFolder } from '../support/folder-encoding';
import { appendMail } from '../support/imap-append';

/** Users for this many accounts; each test takes one. */
const accounts = 60;

export type OpenImap = (settings: SettingsOf<'imap'>, password: string) => Mailbox;

/** The settings of a user of Dovecot, or of another server. */
export function dovecotSettings(
  dovecot: Pick<Dovecot, 'ports' | 'ca'>,
  encryption: Encryption,
  changes: Partial<SettingsOf<'imap'>> = {},
): SettingsOf<'imap'> {
  return {
    provider: 'imap',
    name: 'Test',
    description: '',
    intervalMinutes: 1,
    timeoutMs: 10_000,
    largestMailMb: 50,
    target: { projectId: '1', issueTypeId: '1' },
    encryption,
    host: 'localhost',
    port: encryption === 'tls' ? dovecot.ports.imaps : dovecot.ports.imap,
    username: 'alice',
    folder: '',
    afterDownload: 'mark-read',
    moveTo: '',
    privateCa: dovecot.ca,
    ...changes,
  };
}

/** Dovecot by IMAP, with one user for each test. */
export async function imapServer(
  encryption: Encryption,
  open: OpenImap,
  stop: () => Promise<void> = async () => {},
): Promise<ContractServer> {
  const names = Array.from({ length: accounts }, (_, n) => `user${n}`);
  const dovecot = await startDovecot({ users: Object.fromEntries(names.map((name) => [name, `secret of ${name}`])) });

  function accountOf(user: string): ContractAccount {
    return {
      open: ({ folder = '', password = `secret of ${user}` } = {}) =>
        open(dovecotSettings(dovecot, encryption, { username: user, folder }), password),
      deliver: (messages, folder = 'INBOX') => dovecot.append(user, messages, encodeFolder(folder)),
      async deliverAt(message, receivedAt, isRead) {
        const login = { port: dovecot.ports.imap, user, password: `secret of ${user}`, folder: 'INBOX' };
        await appendMail({ ...login, receivedAt, isRead }, [message]);
      },
      async readAll() {
        await dovecot.doveadm('flags', 'add', '-u', user, '\\Seen', 'mailbox', 'INBOX', 'ALL');
      },
      async remove(subject) {
        await dovecot.doveadm('expunge', '-u', user, 'mailbox', 'INBOX', 'header', 'subject', subject);
      },
      async counts(folder = 'INBOX') {
        const status = await dovecot.doveadm('mailbox', 'status', '-u', user, 'messages unseen', folder);
        return { total: Number(/messages=(\d+)/.exec(status)?.[1]), unread: Number(/unseen=(\d+)/.exec(status)?.[1]) };
      },
      async createFolder(folder) {
        await dovecot.doveadm('mailbox', 'create', '-u', user, folder);
      },
      async reset(folder) {
        await dovecot.doveadm('mailbox', 'delete', '-u', user, folder);
        // UIDVALIDITY is a time in seconds: a folder made in the same second would get the same.
        await dovecot.doveadm('mailbox', 'create', '-u', user, folder);
        await dovecot.doveadm('mailbox', 'update', '--uid-validity', '4242', '-u', user, folder);
        // Sessions that have the old folder open go on seeing that. It fails when there is none.
        await dovecot.doveadm('kick', user).catch(() => {});
      },
    };
  }

  let next = 0;
  return {
    traits: { folders: true, flags: true, reset: true, receivedAt: true, startsUnread: true },
    async account() {
      const user = names[next++];
      if (user === undefined) throw new Error('There are more tests than accounts.');
      return accountOf(user);
    },
    async stop() {
      await stop();
      await dovecot.stop();
    },
  };
}
