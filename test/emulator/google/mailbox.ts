import type { gmail_v1 } from '@googleapis/gmail';

export interface StoredMessage {
  id: string;
  labels: Set<string>;
  raw: Buffer;
  /** Epoch milliseconds. */
  internalDate: number;
  historyId: bigint;
}

export interface StoredLabel {
  id: string;
  name: string;
  type: 'system' | 'user';
}

/** One Gmail account: messages carry labels, and every change makes a history record. */
export interface GmailAccount {
  address: string;
  labels: Map<string, StoredLabel>;
  messages: Map<string, StoredMessage>;
  history: gmail_v1.Schema$History[];
  historyId: bigint;
  /** History ids before this one are forgotten. */
  oldestHistoryId: bigint;
}

const systemLabels = [
  ...['INBOX', 'SENT', 'DRAFT', 'SPAM', 'TRASH', 'UNREAD', 'STARRED', 'IMPORTANT', 'CHAT'],
  ...['CATEGORY_PERSONAL', 'CATEGORY_SOCIAL', 'CATEGORY_PROMOTIONS', 'CATEGORY_UPDATES', 'CATEGORY_FORUMS'],
];
// Begins where the time is, so that a restart gives no id again; history ids do the same.
const idOfNow = () => Date.now() * 0x100;
let lastId = idOfNow();

export function createAccount(address: string): GmailAccount {
  const historyId = BigInt(idOfNow());
  return {
    address,
    labels: new Map(systemLabels.map((id) => [id, { id, name: id, type: 'system' }])),
    messages: new Map(),
    history: [],
    historyId,
    oldestHistoryId: historyId,
  };
}

/** The label's id; it is made when it does not exist yet, as a filter in Gmail would. */
export function labelId(account: GmailAccount, name: string): string {
  const found = [...account.labels.values()].find((label) => label.name === name);
  if (found !== undefined) return found.id;
  const id = `Label_${account.labels.size}`;
  account.labels.set(id, { id, name, type: 'user' });
  return id;
}

export function addMessage(
  account: GmailAccount,
  raw: Buffer,
  labels: readonly string[],
  internalDate: number,
): StoredMessage {
  lastId += 7;
  const message: StoredMessage = {
    id: lastId.toString(16).padStart(16, '1'),
    labels: new Set(labels),
    raw,
    internalDate,
    historyId: 0n,
  };
  account.messages.set(message.id, message);
  note(account, message, { messagesAdded: [{ message: reference(message) }] });
  return message;
}

/** Adds and removes labels; each change is a record of its own, none is made where nothing changes. */
export function changeLabels(
  account: GmailAccount,
  message: StoredMessage,
  add: readonly string[],
  remove: readonly string[],
): void {
  const added = add.filter((label) => !message.labels.has(label));
  const removed = remove.filter((label) => message.labels.has(label));
  for (const label of added) message.labels.add(label);
  for (const label of removed) message.labels.delete(label);
  if (added.length > 0) note(account, message, { labelsAdded: [{ message: reference(message), labelIds: added }] });
  if (removed.length > 0)
    note(account, message, { labelsRemoved: [{ message: reference(message), labelIds: removed }] });
}

export function removeMessage(account: GmailAccount, message: StoredMessage): void {
  account.messages.delete(message.id);
  note(account, message, { messagesDeleted: [{ message: reference(message) }] });
}

/** What lists and history show of a message. */
export function reference(message: StoredMessage): gmail_v1.Schema$Message {
  return { id: message.id, threadId: message.id, labelIds: [...message.labels] };
}

function note(account: GmailAccount, message: StoredMessage, change: gmail_v1.Schema$History): void {
  // Ids grow, with gaps of any width.
  account.historyId += 1n + (account.historyId % 3n);
  message.historyId = account.historyId;
  account.history.push({
    id: String(account.historyId),
    messages: [{ id: message.id, threadId: message.id }],
    ...change,
  });
}
