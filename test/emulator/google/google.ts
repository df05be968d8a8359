import { type Clock, systemClock } from '../clock';
import { type ApiServer, startApiServer, type VerifyToken } from '../provider/api-server';
import type { SubmittedMail } from '../provider/submission';
import { runBatch } from './batch';
import { googleError, quotaExceeded } from './errors';
import { addMessage, changeLabels, createAccount, type GmailAccount, labelId, removeMessage } from './mailbox';
import { route } from './routes';
import { isSend, sendMessage } from './sending';

export interface GoogleOptions {
  verify: VerifyToken;
  /** Gets each mail that goes out. */
  onSent?: (mail: SubmittedMail) => void;
  clock?: Clock;
  /** Quota units a user has each minute (Gmail API, "Usage limits"). */
  unitsPerMinute?: number;
}

export interface DeliverToGmail {
  mailbox: string;
  /** A label's name; it is made when missing. The inbox if nothing is said. */
  label?: string;
  /** Epoch milliseconds; now if nothing is said. */
  receivedAt?: number;
  read?: boolean;
}

export interface GoogleEmulator extends Pick<ApiServer, 'url' | 'faults' | 'calls' | 'close'> {
  /** Mail that comes in; returns its message id. */
  deliver(raw: Uint8Array | string, to: DeliverToGmail): string;
  /** What a person does in Gmail. Labels by name. */
  label(mailbox: string, id: string, change: { add?: string[]; remove?: string[] }): void;
  /** Deletes a message for good. */
  remove(mailbox: string, id: string): void;
  addLabel(mailbox: string, name: string): void;
  /** Removes a label, not its messages. */
  removeLabel(mailbox: string, name: string): void;
  /** Names of a message's labels; null when it is gone. */
  labelsOf(mailbox: string, id: string): string[] | null;
  messages(mailbox: string): { id: string; labels: string[]; raw: Buffer; receivedAt: number }[];
  /** Mail that went out, oldest first. */
  sent(): readonly SubmittedMail[];
  /** Forgets every history id up to now. */
  expireHistory(mailbox: string): void;
  /** By address; what is put in is there. */
  accounts: Map<string, GmailAccount>;
}

/** Gmail's REST API as far as Letterbox uses it: it refuses what Gmail refuses, and fails on command (`faults`). */
export async function startGoogle(options: GoogleOptions): Promise<GoogleEmulator> {
  const { clock = systemClock(), unitsPerMinute = 15_000 } = options;
  const accounts = new Map<string, GmailAccount>();
  const sent: SubmittedMail[] = [];
  const submitted = (mail: SubmittedMail) => {
    sent.push(mail);
    options.onSent?.(mail);
  };
  const spent = new Map<string, { minute: number; units: number }>();

  const account = (address: string): GmailAccount => {
    const found = accounts.get(address) ?? createAccount(address);
    accounts.set(address, found);
    return found;
  };
  const spend = (address: string, units: number) => {
    const minute = Math.floor(clock.now() / 60_000);
    const last = spent.get(address);
    const used = (last?.minute === minute ? last.units : 0) + units;
    if (used > unitsPerMinute) return quotaExceeded((minute + 1) * 60_000);
    spent.set(address, { minute, units: used });
    return null;
  };

  const server: ApiServer = await startApiServer({
    verify: options.verify,
    handle: (call) => {
      if (call.method === 'POST' && call.path === '/batch/gmail/v1' && !call.inBatch)
        return runBatch(call, server.dispatch);
      const owner = account(call.access.mailbox);
      const spendUnits = (units: number) => spend(call.access.mailbox, units);
      if (isSend(call)) return sendMessage(call, owner, { spend: spendUnits, now: clock.now(), sent: submitted });
      return route(call, owner, spendUnits);
    },
    refuse: (status) => googleError(status),
    repeatPage: (_, body) => ({ ...Object(body), nextPageToken: '0' }),
  });

  const message = (mailbox: string, id: string) => {
    const found = account(mailbox).messages.get(id);
    if (found === undefined) throw new Error(`No message ${id} in ${mailbox}.`);
    return found;
  };
  return {
    url: server.url,
    faults: server.faults,
    calls: server.calls,
    close: server.close,
    accounts,
    deliver: (raw, { mailbox, label = 'INBOX', receivedAt = clock.now(), read = false }) => {
      const owner = account(mailbox);
      const labels = [labelId(owner, label), ...(read ? [] : ['UNREAD'])];
      return addMessage(owner, Buffer.from(raw), labels, receivedAt).id;
    },
    label: (mailbox, id, { add = [], remove = [] }) => {
      const owner = account(mailbox);
      const ids = (names: string[]) => names.map((name) => labelId(owner, name));
      changeLabels(owner, message(mailbox, id), ids(add), ids(remove));
    },
    remove: (mailbox, id) => removeMessage(account(mailbox), message(mailbox, id)),
    addLabel: (mailbox, name) => {
      labelId(account(mailbox), name);
    },
    removeLabel: (mailbox, name) => {
      const owner = account(mailbox);
      const id = labelId(owner, name);
      owner.labels.delete(id);
      for (const one of owner.messages.values()) one.labels.delete(id);
    },
    labelsOf: (mailbox, id) => {
      const owner = account(mailbox);
      const found = owner.messages.get(id);
      return found === undefined
        ? null
        : [...found.labels].map((label) => owner.labels.get(label)?.name ?? label).sort();
    },
    messages: (mailbox) =>
      [...account(mailbox).messages.values()].map(({ id, labels, raw, internalDate }) => ({
        id,
        labels: [...labels],
        raw,
        receivedAt: internalDate,
      })),
    sent: () => sent,
    expireHistory: (mailbox) => {
      const owner = account(mailbox);
      owner.historyId += 1n;
      owner.oldestHistoryId = owner.historyId;
    },
  };
}
