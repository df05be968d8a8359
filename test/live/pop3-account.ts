import type { Encryption } from '../../src/domain/connection';
import type { PartedMailbox } from '../../src/mail/parts';
import { pop3Mailbox } from '../../src/mail/pop3/mailbox';
import type { Pop3Credentials, Pop3Settings } from '../../src/mail/pop3/settings';
import type { ContractServer } from '../contract/mailbox-contract';
import { type Dovecot, startDovecot } from '../support/dovecot';

/** Users for this many accounts; each test takes one. */
const accounts = 40;

/** A user's mailbox on Dovecot or another server, through the adapter. */
export function openPop3(
  dovecot: Pick<Dovecot, 'ports' | 'ca'>,
  encryption: Encryption,
  username: string,
  credentials: Pop3Credentials,
  changes: Partial<Pop3Settings> = {},
): PartedMailbox {
  const port = encryption === 'tls' ? dovecot.ports.pop3s : dovecot.ports.pop3;
  const settings = {
    encryption,
    host: 'localhost',
    port,
    username,
    timeoutMs: 20_000,
    privateCa: dovecot.ca,
    ...changes,
  };
  return pop3Mailbox(settings, credentials, { resolve: async () => ['127.0.0.1'], allowPlaintext: false });
}

/** Dovecot by POP3, with one user for each test. */
export async function pop3Server(encryption: Encryption): Promise<ContractServer> {
  const names = Array.from({ length: accounts }, (_, n) => `user${n}`);
  const dovecot = await startDovecot({ users: Object.fromEntries(names.map((name) => [name, `secret of ${name}`])) });
  const onlyInbox = async () => {
    throw new Error('POP3 has one folder.');
  };
  let next = 0;
  return {
    traits: { folders: false, flags: false, reset: false, receivedAt: false, startsUnread: false },
    async account() {
      const user = names[next++];
      if (user === undefined) throw new Error('There are more tests than accounts.');
      return {
        open: ({ password = `secret of ${user}` } = {}) => openPop3(dovecot, encryption, user, { password }),
        deliver: (messages) => dovecot.append(user, messages),
        // By POP3 a message's own header tells when it came in.
        deliverAt: (message) => dovecot.append(user, [message]),
        async readAll() {
          await dovecot.doveadm('flags', 'add', '-u', user, '\\Seen', 'mailbox', 'INBOX', 'ALL');
        },
        async remove(subject) {
          await dovecot.doveadm('expunge', '-u', user, 'mailbox', 'INBOX', 'header', 'subject', subject);
        },
        async counts() {
          const status = await dovecot.doveadm('mailbox', 'status', '-u', user, 'messages unseen', 'INBOX');
          return {
            total: Number(/messages=(\d+)/.exec(status)?.[1]),
            unread: Number(/unseen=(\d+)/.exec(status)?.[1]),
          };
        },
        createFolder: onlyInbox,
        reset: onlyInbox,
      };
    },
    stop: () => dovecot.stop(),
  };
}
