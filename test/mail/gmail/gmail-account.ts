import { AppError } from '../../../src/domain/app-error';
import { gmailMailbox } from '../../../src/mail/gmail/gmail-mailbox';
import type { ContractAccount, ContractServer } from '../../contract/mailbox-contract';
import { type GoogleEmulator, startGoogle } from '../../emulator/google/google';
import { routedFetch } from '../../support/routed-fetch';

export const modifyScope = 'https://www.googleapis.com/auth/gmail.modify';

/** Tokens are `good:<address>`; everything else is refused. */
export const verify = (token: string) => {
  const address = /^good:(.+)$/.exec(token)?.[1];
  return address === undefined ? null : { mailbox: address, scopes: [modifyScope] };
};

export function gmailContractServer(): () => Promise<ContractServer> {
  return async () => {
    const google = await startGoogle({ verify, unitsPerMinute: Number.POSITIVE_INFINITY });
    let accounts = 0;
    return {
      traits: { folders: true, flags: true, reset: true, receivedAt: true, startsUnread: true },
      account: async () => {
        accounts += 1;
        return contractAccount(google, `user${accounts}@gmail.example`);
      },
      stop: () => google.close(),
    };
  };
}

function contractAccount(google: GoogleEmulator, mailbox: string): ContractAccount {
  const inFolder = (folder: string) =>
    google.messages(mailbox).filter(({ id }) => google.labelsOf(mailbox, id)?.includes(folder));
  return {
    open: ({ folder = '', password } = {}) =>
      gmailMailbox(
        { folder, timeoutMs: 10_000 },
        {
          fetch: routedFetch({ 'gmail.googleapis.com': google.url }),
          now: Date.now,
          getAccessToken: async (options) => {
            if (password === undefined) return `good:${mailbox}`;
            if (options?.forceRefresh)
              throw new AppError('sign-in-failed', 'access', 'The sign-in was revoked.', { step: 'sign-in' });
            return 'revoked';
          },
        },
      ),
    deliver: async (messages, folder = 'INBOX') => {
      for (const raw of messages) google.deliver(raw, { mailbox, label: folder });
    },
    deliverAt: async (message, receivedAt, read) => void google.deliver(message, { mailbox, receivedAt, read }),
    readAll: async () => {
      for (const { id } of inFolder('INBOX')) google.label(mailbox, id, { remove: ['UNREAD'] });
    },
    remove: async (subject) => {
      for (const { id, raw } of google.messages(mailbox)) {
        if (raw.includes(`Subject: ${subject}\r\n`)) google.remove(mailbox, id);
      }
    },
    counts: async (folder = 'INBOX') => {
      const found = inFolder(folder);
      return {
        total: found.length,
        unread: found.filter(({ id }) => google.labelsOf(mailbox, id)?.includes('UNREAD')).length,
      };
    },
    createFolder: async (folder) => google.addLabel(mailbox, folder),
    reset: async (folder) => {
      for (const { id } of inFolder(folder)) google.remove(mailbox, id);
      google.expireHistory(mailbox);
    },
  };
}
