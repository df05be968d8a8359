import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '../journal';

export interface StoredMessage {
  uid: number;
  /** Names the raw bytes. */
  file: number;
  size: number;
  /** Epoch milliseconds. */
  receivedAt: number;
  flags: readonly string[];
  /** The folder's revision when the flags last changed. */
  revision: number;
}

export interface MailFolder {
  account: string;
  /** Levels separated by "/". */
  path: string;
  uidValidity: number;
  uidNext: number;
  /** By UID, ascending. */
  messages: Map<number, StoredMessage>;
  /** Grows with every change, so that a session sees whether it has anything to tell. */
  revision: number;
}

type Change =
  | { type: 'folder'; account: string; path: string; uidValidity: number; uidNext: number }
  | { type: 'folder-removed'; account: string; path: string }
  | { type: 'folder-renamed'; account: string; path: string; to: string }
  | { type: 'message'; account: string; path: string; message: Omit<StoredMessage, 'revision'> }
  | { type: 'flags'; account: string; path: string; uid: number; flags: readonly string[] }
  | { type: 'expunged'; account: string; path: string; uids: readonly number[] }
  | { type: 'moved'; account: string; path: string; uids: readonly number[]; to: string; firstUid: number };

export interface MailStore {
  /** The folders of an account, which comes into being with the first call. */
  folders(account: string): MailFolder[];
  folder(account: string, path: string): MailFolder | undefined;
  createFolder(account: string, path: string): void;
  removeFolder(folder: MailFolder): void;
  renameFolder(folder: MailFolder, to: string): void;
  /** Returns the new message's UID; on return the message survives a SIGKILL. */
  append(folder: MailFolder, raw: Uint8Array, receivedAt: number, flags: readonly string[]): number;
  setFlags(folder: MailFolder, uid: number, flags: readonly string[]): void;
  expunge(folder: MailFolder, uids: readonly number[]): void;
  /** Returns the new UIDs in the order of `uids`; a kill leaves all of them here or all of them there. */
  move(folder: MailFolder, uids: readonly number[], to: MailFolder): number[];
  raw(message: StoredMessage): Uint8Array;
  /** Calls back after each change to any folder; returns how to stop that. */
  onChange(listener: () => void): () => void;
  close(): void;
}

const firstFolders = ['INBOX', 'Archive', 'Processed', 'Trash'];

/** @param directory null keeps everything in memory. */
export function openMailStore(directory: string | null): MailStore {
  const journal = openJournal(directory === null ? null : join(directory, 'mailboxes.jsonl'));
  const files = rawFiles(directory === null ? null : join(directory, 'messages'));
  const accounts = new Map<string, Map<string, MailFolder>>();
  const listeners = new Set<() => void>();
  let lastUidValidity = 0;

  const at = (account: string, path: string): MailFolder => {
    const folder = accounts.get(account)?.get(path);
    if (folder === undefined) throw new Error(`There is no folder ${path} in ${account}.`);
    return folder;
  };
  const put = (folder: MailFolder, message: Omit<StoredMessage, 'revision'>) => {
    folder.revision += 1;
    folder.messages.set(message.uid, { ...message, revision: folder.revision });
    folder.uidNext = Math.max(folder.uidNext, message.uid + 1);
    files.use(message.file);
  };
  const apply = (change: Change): void => {
    const { account, path } = change;
    if (change.type === 'folder') {
      const { uidValidity, uidNext } = change;
      const folders = accounts.get(account) ?? new Map<string, MailFolder>();
      accounts.set(
        account,
        folders.set(path, { account, path, uidValidity, uidNext, messages: new Map(), revision: 0 }),
      );
      lastUidValidity = Math.max(lastUidValidity, uidValidity);
      return;
    }
    const folder = at(account, path);
    if (change.type === 'folder-removed') accounts.get(account)?.delete(path);
    else if (change.type === 'folder-renamed') {
      accounts.get(account)?.delete(path);
      folder.path = change.to;
      accounts.get(account)?.set(change.to, folder);
    } else if (change.type === 'message') put(folder, change.message);
    else if (change.type === 'flags') {
      const message = folder.messages.get(change.uid);
      folder.revision += 1;
      if (message) folder.messages.set(change.uid, { ...message, flags: change.flags, revision: folder.revision });
    } else {
      const target = change.type === 'moved' ? at(account, change.to) : null;
      for (const [index, uid] of change.uids.entries()) {
        const message = folder.messages.get(uid);
        folder.messages.delete(uid);
        if (target && message && change.type === 'moved') put(target, { ...message, uid: change.firstUid + index });
      }
      folder.revision += 1;
    }
  };
  const record = (change: Change) => {
    journal.append(change);
    apply(change);
    for (const listener of listeners) listener();
  };
  const everything = function* (): Generator<Change> {
    for (const [account, folders] of accounts) {
      for (const { path, uidValidity, uidNext, messages } of folders.values()) {
        yield { type: 'folder', account, path, uidValidity, uidNext };
        for (const { revision, ...message } of messages.values()) yield { type: 'message', account, path, message };
      }
    }
  };

  // The file is our own: each record is what `record` appended.
  for (const change of journal.records as readonly Change[]) apply(change);
  const inUse = [...accounts.values()].flatMap((folders) =>
    [...folders.values()].flatMap(({ messages }) => [...messages.values()]),
  );
  if (journal.records.length > 2 * inUse.length + 1_000) journal.compact(everything());
  files.keepOnly(new Set(inUse.map(({ file }) => file)));

  const createFolder = (account: string, path: string) => {
    // RFC 3501 §2.3.1.1: a folder that is made again under its old name must have a larger value.
    const uidValidity = Math.max(Math.floor(Date.now() / 1_000), lastUidValidity + 1);
    record({ type: 'folder', account, path, uidValidity, uidNext: 1 });
  };
  const foldersOf = (account: string): Map<string, MailFolder> => {
    for (const path of accounts.has(account) ? [] : firstFolders) createFolder(account, path);
    return accounts.get(account) ?? new Map();
  };

  return {
    folders: (account) => [...foldersOf(account).values()],
    folder: (account, path) => foldersOf(account).get(path.toUpperCase() === 'INBOX' ? 'INBOX' : path),
    createFolder,
    removeFolder: ({ account, path }) => record({ type: 'folder-removed', account, path }),
    renameFolder: ({ account, path }, to) => record({ type: 'folder-renamed', account, path, to }),
    append: ({ account, path, uidNext }, raw, receivedAt, flags) => {
      const file = files.write(raw);
      record({ type: 'message', account, path, message: { uid: uidNext, file, size: raw.length, receivedAt, flags } });
      return uidNext;
    },
    setFlags: ({ account, path }, uid, flags) => record({ type: 'flags', account, path, uid, flags }),
    expunge: ({ account, path, messages }, uids) => {
      const unused = uids.map((uid) => messages.get(uid)?.file);
      record({ type: 'expunged', account, path, uids });
      for (const file of unused) if (file !== undefined) files.remove(file);
    },
    move: ({ account, path }, uids, to) => {
      const firstUid = to.uidNext;
      record({ type: 'moved', account, path, uids, to: to.path, firstUid });
      return uids.map((_, index) => firstUid + index);
    },
    raw: ({ file }) => files.read(file),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: journal.close,
  };
}

/** Raw messages, one file each, named by number. */
function rawFiles(directory: string | null) {
  const memory = new Map<number, Uint8Array>();
  let last = 0;
  if (directory !== null) mkdirSync(directory, { recursive: true });
  const pathOf = (file: number) => join(directory ?? '', `${file}.eml`);
  return {
    use: (file: number) => {
      last = Math.max(last, file);
    },
    write: (raw: Uint8Array): number => {
      last += 1;
      if (directory === null) memory.set(last, raw);
      else writeFileSync(pathOf(last), raw);
      return last;
    },
    read: (file: number): Uint8Array => {
      if (directory === null) return memory.get(file) ?? new Uint8Array();
      return existsSync(pathOf(file)) ? readFileSync(pathOf(file)) : new Uint8Array();
    },
    remove: (file: number) => {
      memory.delete(file);
      if (directory !== null) rmSync(pathOf(file), { force: true });
    },
    /** A kill between writing a file and noting it leaves a file that belongs to nothing. */
    keepOnly: (used: ReadonlySet<number>) => {
      for (const name of directory === null ? [] : readdirSync(directory)) {
        if (!used.has(Number.parseInt(name, 10))) rmSync(join(directory ?? '', name));
      }
    },
  };
}
