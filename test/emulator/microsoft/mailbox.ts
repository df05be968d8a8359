export interface StoredFolder {
  id: string;
  displayName: string;
  parent: string | null;
  wellKnown: string | null;
}

export interface StoredMessage {
  key: string;
  folder: string;
  raw: Buffer;
  /** Epoch milliseconds. */
  received: number;
  isRead: boolean;
}

export interface Change {
  folder: string;
  type: 'created' | 'updated' | 'deleted';
  key: string;
}

/** One Exchange mailbox: folders, messages, and what changed in which folder. */
export interface ExchangeMailbox {
  address: string;
  folders: Map<string, StoredFolder>;
  messages: Map<string, StoredMessage>;
  changes: Change[];
}

export const englishNames: Record<string, string> = {
  inbox: 'Inbox',
  drafts: 'Drafts',
  sentitems: 'Sent Items',
  deleteditems: 'Deleted Items',
  junkemail: 'Junk Email',
  archive: 'Archive',
};

// Begins where the time is, so that a restart gives no id again.
let lastKey = Date.now();

/** @param names of the well-known folders in the mailbox's language */
export function createMailbox(address: string, names: Record<string, string> = englishNames): ExchangeMailbox {
  const mailbox: ExchangeMailbox = { address, folders: new Map(), messages: new Map(), changes: [] };
  for (const [wellKnown, displayName] of Object.entries({ ...englishNames, ...names }))
    addFolder(mailbox, displayName, null, wellKnown);
  return mailbox;
}

export function addFolder(
  mailbox: ExchangeMailbox,
  displayName: string,
  parent: string | null,
  wellKnown: string | null = null,
): StoredFolder {
  const number = String(mailbox.folders.size).padStart(6, '0');
  const folder = {
    id: `AAMkAGVmMDEzMTM4LTZmYWUtNDdkNC1hMDZiLTU1OGY5OTZhYmY4OAAuAAAAAAAiQ8W967B7TKBjgx9rVEUR${number}AA=`,
    displayName,
    parent,
    wellKnown,
  };
  mailbox.folders.set(folder.id, folder);
  return folder;
}

/** By id or well-known name. */
export function findFolder(mailbox: ExchangeMailbox, name: string): StoredFolder | undefined {
  return (
    mailbox.folders.get(name) ?? [...mailbox.folders.values()].find((folder) => folder.wellKnown === name.toLowerCase())
  );
}

/** By display names, "/" between levels; missing folders are made. Empty is the inbox. */
export function folderAt(mailbox: ExchangeMailbox, path: string): StoredFolder {
  let found: StoredFolder | undefined = path === '' ? findFolder(mailbox, 'inbox') : undefined;
  for (const name of path === '' ? [] : path.split('/')) {
    const parent: string | null = found?.id ?? null;
    const child = [...mailbox.folders.values()].find((one) => one.parent === parent && one.displayName === name);
    found = child ?? addFolder(mailbox, name, parent);
  }
  if (found === undefined) throw new Error(`No folder ${path}.`);
  return found;
}

export function addMessage(
  mailbox: ExchangeMailbox,
  folder: string,
  raw: Buffer,
  received: number,
  isRead: boolean,
): StoredMessage {
  lastKey += 1;
  // Keys do not grow with time: nobody is to rely on their order.
  const key = `${String(((lastKey % 1_000_003) * 7_919) % 1_000_003).padStart(7, '0')}-${lastKey}`;
  const message = { key, folder, raw, received, isRead };
  mailbox.messages.set(key, message);
  mailbox.changes.push({ folder, type: 'created', key });
  return message;
}

export function moveMessage(mailbox: ExchangeMailbox, message: StoredMessage, folder: string): void {
  mailbox.changes.push({ folder: message.folder, type: 'deleted', key: message.key });
  message.folder = folder;
  mailbox.changes.push({ folder, type: 'created', key: message.key });
}

export function markRead(mailbox: ExchangeMailbox, message: StoredMessage, isRead: boolean): void {
  message.isRead = isRead;
  mailbox.changes.push({ folder: message.folder, type: 'updated', key: message.key });
}

export function removeMessage(mailbox: ExchangeMailbox, message: StoredMessage): void {
  mailbox.messages.delete(message.key);
  mailbox.changes.push({ folder: message.folder, type: 'deleted', key: message.key });
}

const immutablePrefix = 'AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0ARWUfEcBEy0iS2zTo';
const usualPrefix = 'AAMkAGVmMDEzMTM4LTZmYWUtNDdkNC1hMDZiLTU1OGY5OTZhYmY4OABGAAAAAAAiQ8W9';

/** An id as the request prefers it: immutable, or the usual one, which names the folder and so changes with a move. */
export const idOf = (message: StoredMessage, immutable: boolean): string =>
  idOfKey(message.key, message.folder, immutable);

/** `idOf` for a message that was in a folder, and may be gone. */
export function idOfKey(key: string, folder: string, immutable: boolean): string {
  if (immutable) return `${immutablePrefix}${Buffer.from(key).toString('base64url')}=`;
  return `${usualPrefix}${Buffer.from(`${key} ${folder}`).toString('base64url')}=`;
}

/** The message that either kind of id names; `malformed` for what is no id at all. */
export function byId(mailbox: ExchangeMailbox, id: string): StoredMessage | 'malformed' | undefined {
  const isImmutable = id.startsWith(immutablePrefix);
  if (!isImmutable && !id.startsWith(usualPrefix)) return 'malformed';
  const text = Buffer.from(id.slice((isImmutable ? immutablePrefix : usualPrefix).length), 'base64url').toString();
  const [key = '', folder] = text.split(' ');
  const message = mailbox.messages.get(key);
  return message !== undefined && (isImmutable || message.folder === folder) ? message : undefined;
}
