import { AppError } from '../../../src/domain/app-error';
import { graphMailbox } from '../../../src/mail/graph/graph-mailbox';
import type { ContractAccount, ContractServer } from '../../contract/mailbox-contract';
import { type MicrosoftEmulator, startMicrosoft } from '../../emulator/microsoft/microsoft';
import type { Access } from '../../emulator/provider/api-server';
import { routedFetch } from '../../support/routed-fetch';

/** Tokens are `good:<address>:<scopes with +>`, or `app:<roles with +>`; everything else is refused. */
export const verify = (token: string): Access | null => {
  const [kind, ...rest] = token.split(':');
  if (kind === 'app') return { mailbox: 'the app', scopes: (rest[0] ?? '').split('+'), application: true };
  if (kind !== 'good') return null;
  return { mailbox: rest[0] ?? '', scopes: (rest[1] ?? 'Mail.ReadWrite').split('+') };
};

export function graphContractServer(): () => Promise<ContractServer> {
  return async () => {
    const microsoft = await startMicrosoft({ verify });
    let accounts = 0;
    return {
      traits: { folders: true, flags: true, reset: true, receivedAt: true, startsUnread: true },
      account: async () => {
        accounts += 1;
        const mailbox = `user${accounts}@contoso.example`;
        microsoft.addMailbox(mailbox);
        return contractAccount(microsoft, mailbox);
      },
      stop: () => microsoft.close(),
    };
  };
}

function contractAccount(microsoft: MicrosoftEmulator, mailbox: string): ContractAccount {
  const inFolder = (folder: string) => microsoft.messages(mailbox).filter((message) => message.folder === folder);
  // Exchange keeps seconds: one second apart, so that the order is known.
  let received = Date.now() - 300_000;
  return {
    open: ({ folder = '', password } = {}) =>
      graphMailbox(
        { folder, mailbox: 'me', application: false, host: 'graph.microsoft.com', timeoutMs: 10_000 },
        {
          fetch: routedFetch({ 'graph.microsoft.com': microsoft.url }),
          now: Date.now,
          getAccessToken: async (options) => {
            if (password === undefined) return `good:${mailbox}`;
            if (options?.forceRefresh)
              throw new AppError('sign-in-failed', 'access', 'The sign-in was revoked.', { step: 'sign-in' });
            return 'revoked';
          },
        },
      ),
    deliver: async (messages, folder = '') => {
      for (const raw of messages) {
        received += 1_000;
        microsoft.deliver(raw, { mailbox, folder, receivedAt: received });
      }
    },
    deliverAt: async (message, receivedAt, read) => void microsoft.deliver(message, { mailbox, receivedAt, read }),
    readAll: async () => {
      for (const { id } of inFolder('Inbox')) microsoft.read(mailbox, id);
    },
    remove: async (subject) => {
      for (const { id, raw } of microsoft.messages(mailbox)) {
        if (raw.includes(`Subject: ${subject}\r\n`)) microsoft.move(mailbox, id, 'Deleted Items');
      }
    },
    counts: async (folder = 'Inbox') => {
      const found = inFolder(folder);
      return { total: found.length, unread: found.filter(({ isRead }) => !isRead).length };
    },
    createFolder: async (folder) => microsoft.addFolder(mailbox, folder),
    reset: async (folder) => {
      for (const { id } of inFolder(folder)) microsoft.remove(mailbox, id);
      microsoft.expireDeltas();
    },
  };
}
