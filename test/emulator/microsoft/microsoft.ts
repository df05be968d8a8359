import { setTimeout } from 'node:timers/promises';
import { type Clock, systemClock } from '../clock';
import { type ApiCall, type ApiServer, startApiServer, type VerifyToken } from '../provider/api-server';
import type { SubmittedMail } from '../provider/submission';
import type { Directory } from './access';
import { runBatch } from './batch';
import { createDeltaTokens, type DeltaTokens } from './delta';
import { graphError } from './errors';
import {
  addMessage,
  createMailbox,
  type ExchangeMailbox,
  folderAt,
  idOf,
  markRead,
  moveMessage,
  removeMessage,
  type StoredMessage,
} from './mailbox';
import { route } from './routes';
import { isSend, sendMail } from './sending';

export interface MicrosoftOptions {
  verify: VerifyToken;
  /** Gets each mail that goes out. */
  onSent?: (mail: SubmittedMail) => void;
  clock?: Clock;
  /** What links in answers begin with, as the app reaches it. */
  publicUrl?: string;
  /** Milliseconds that each call takes. */
  latencyMs?: number;
}

export interface DeliverToExchange {
  mailbox: string;
  /** Display names with "/"; missing folders are made. The inbox if nothing is said. */
  folder?: string;
  /** Epoch milliseconds; now if nothing is said. */
  receivedAt?: number;
  read?: boolean;
}

export interface MicrosoftEmulator extends Pick<ApiServer, 'url' | 'faults' | 'calls' | 'close'> {
  /** Makes a mailbox; `names` of well-known folders in its language. Mailboxes that mail is delivered to exist by themselves. */
  addMailbox(address: string, names?: Record<string, string>): void;
  /** Mail that comes in; returns its immutable id. */
  deliver(raw: Uint8Array | string, to: DeliverToExchange): string;
  addFolder(mailbox: string, path: string): void;
  removeFolder(mailbox: string, path: string): void;
  /** What a person does in Outlook; ids are immutable. */
  move(mailbox: string, id: string, folder: string): void;
  read(mailbox: string, id: string, isRead?: boolean): void;
  remove(mailbox: string, id: string): void;
  messages(mailbox: string): { id: string; folder: string; isRead: boolean; raw: Buffer }[];
  /** Full Access of one account to another's mailbox. */
  grantFullAccess(shared: string, to: string): void;
  /** The right of one account to send as another mailbox. */
  grantSendAs(mailbox: string, to: string): void;
  /** Mail that went out, oldest first. */
  sent(): readonly SubmittedMail[];
  /** An application access policy that leaves the mailbox out. */
  closeToApps(mailbox: string): void;
  /** Forgets every delta and paging token. */
  expireDeltas(): void;
  /** By address, and by delta and paging token; what is put in is there. */
  mailboxes: Directory['mailboxes'];
  tokens: DeltaTokens['tokens'];
}

/** Exchange answers at most four calls at once for one app and mailbox. */
const mostAtOnce = 4;

/** Microsoft Graph's mail API as far as Letterbox uses it: it refuses what Graph refuses, and fails on command (`faults`). */
export async function startMicrosoft(options: MicrosoftOptions): Promise<MicrosoftEmulator> {
  const { clock = systemClock(), publicUrl = 'https://graph.microsoft.com', latencyMs = 1 } = options;
  const directory: Directory = {
    mailboxes: new Map(),
    fullAccess: new Map(),
    sendAs: new Map(),
    closedToApps: new Set(),
  };
  const sent: SubmittedMail[] = [];
  const submitted = (mail: SubmittedMail) => {
    sent.push(mail);
    options.onSent?.(mail);
  };
  const deltas = createDeltaTokens();
  const underWay = new Map<string, number>();
  // National clouds are other hosts of the same service.
  const addressFor = ({ headers }: ApiCall) =>
    headers['x-forwarded-host'] === undefined ? publicUrl : `https://${headers['x-forwarded-host']}`;

  const server: ApiServer = await startApiServer({
    verify: options.verify,
    handle: async (call) => {
      if (call.method === 'POST' && call.path === '/v1.0/$batch' && !call.inBatch)
        return runBatch(call, server.dispatch);
      const key = /^\/v1\.0\/(me|users\/[^/]+)/.exec(call.path)?.[1] ?? '';
      const others = underWay.get(key) ?? 0;
      if (others >= mostAtOnce) return { ...graphError(429), headers: { 'Retry-After': '1' } };
      underWay.set(key, others + 1);
      // Calls that are sent together are under way together.
      await setTimeout(latencyMs);
      try {
        if (isSend(call)) return sendMail(call, directory, { now: clock.now(), sent: submitted });
        return route(call, directory, deltas, addressFor(call));
      } finally {
        underWay.set(key, (underWay.get(key) ?? 1) - 1);
      }
    },
    refuse: (status) => graphError(status),
    repeatPage: (call, body) => {
      const { '@odata.deltaLink': _, ...rest } = Object(body);
      return { ...rest, '@odata.nextLink': `${addressFor(call)}${call.path}?${call.query.toString()}` };
    },
  });

  const mailboxOf = (address: string): ExchangeMailbox => {
    const found = directory.mailboxes.get(address.toLowerCase()) ?? createMailbox(address.toLowerCase());
    directory.mailboxes.set(found.address, found);
    return found;
  };
  const messageOf = (mailbox: ExchangeMailbox, id: string): StoredMessage => {
    const found = [...mailbox.messages.values()].find((message) => idOf(message, true) === id);
    if (found === undefined) throw new Error(`No message ${id} in ${mailbox.address}.`);
    return found;
  };
  return {
    url: server.url,
    faults: server.faults,
    calls: server.calls,
    close: server.close,
    addMailbox: (address, names) => {
      directory.mailboxes.set(address.toLowerCase(), createMailbox(address.toLowerCase(), names));
    },
    deliver: (raw, { mailbox, folder = '', receivedAt = clock.now(), read = false }) => {
      const owner = mailboxOf(mailbox);
      return idOf(addMessage(owner, folderAt(owner, folder).id, Buffer.from(raw), receivedAt, read), true);
    },
    addFolder: (mailbox, path) => {
      folderAt(mailboxOf(mailbox), path);
    },
    removeFolder: (mailbox, path) => {
      const owner = mailboxOf(mailbox);
      const { id } = folderAt(owner, path);
      for (const message of [...owner.messages.values()]) if (message.folder === id) removeMessage(owner, message);
      owner.folders.delete(id);
    },
    move: (mailbox, id, folder) => {
      const owner = mailboxOf(mailbox);
      moveMessage(owner, messageOf(owner, id), folderAt(owner, folder).id);
    },
    read: (mailbox, id, isRead = true) => markRead(mailboxOf(mailbox), messageOf(mailboxOf(mailbox), id), isRead),
    remove: (mailbox, id) => removeMessage(mailboxOf(mailbox), messageOf(mailboxOf(mailbox), id)),
    messages: (mailbox) => {
      const owner = mailboxOf(mailbox);
      return [...owner.messages.values()].map((message) => ({
        id: idOf(message, true),
        folder: pathOf(owner, message.folder),
        isRead: message.isRead,
        raw: message.raw,
      }));
    },
    grantFullAccess: (shared, to) => {
      const allowed = directory.fullAccess.get(shared.toLowerCase()) ?? new Set();
      directory.fullAccess.set(shared.toLowerCase(), allowed.add(to.toLowerCase()));
    },
    grantSendAs: (mailbox, to) => {
      const allowed = directory.sendAs.get(mailbox.toLowerCase()) ?? new Set();
      directory.sendAs.set(mailbox.toLowerCase(), allowed.add(to.toLowerCase()));
    },
    sent: () => sent,
    closeToApps: (mailbox) => {
      directory.closedToApps.add(mailbox.toLowerCase());
    },
    expireDeltas: () => deltas.expire(),
    mailboxes: directory.mailboxes,
    tokens: deltas.tokens,
  };
}

function pathOf(mailbox: ExchangeMailbox, id: string): string {
  const folder = mailbox.folders.get(id);
  if (folder === undefined) return '';
  return folder.parent === null ? folder.displayName : `${pathOf(mailbox, folder.parent)}/${folder.displayName}`;
}
