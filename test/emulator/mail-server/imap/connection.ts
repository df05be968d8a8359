import type { SecureContext } from 'node:tls';
import type { MailFolder, MailStore } from '../mail-store';
import type { CommandPart, Token } from './wire';

/** The folder that a connection has open, as its client knows it. */
export interface Selected {
  folder: MailFolder;
  readOnly: boolean;
  /** UIDs in the order of their sequence numbers; behind the folder until the client is told. */
  uids: number[];
  /** The folder's revision that the client was last told about. */
  revision: number;
  /** Flag changes that the client made itself, by UID, with the revision they led to. */
  told: Map<number, number>;
}

/** What commands see of one connection. */
export interface Connection {
  store: MailStore;
  /** The account of a name and password; null when they are wrong. */
  signIn(name: string, password: string): string | null;
  /** Whether an access token opens an account; null when only passwords do. */
  opensByToken: ((account: string, token: string) => Promise<boolean>) | null;
  secureContext: SecureContext;
  secure: boolean;
  account: string | null;
  selected: Selected | null;
  /** Sends an untagged answer; bytes are sent as they are. */
  untagged(...parts: (string | Uint8Array)[]): void;
  /** Asks the client to go on, and resolves to what it sends; null when it is gone. */
  ask(text: string): Promise<CommandPart[] | null>;
  /** Resolves when the client has taken what was sent, so that a large answer never waits in memory as a whole. */
  drained(): Promise<void>;
  startTls(): Promise<void>;
  end(): void;
}

/** A command that was not done: `NO` when it can't be, `BAD` when it makes no sense. */
export class Refusal extends Error {
  readonly status: 'NO' | 'BAD';

  constructor(status: 'NO' | 'BAD', text: string) {
    super(text);
    this.status = status;
  }
}

export interface Call {
  connection: Connection;
  args: Token[];
  /** The command came with UID in front. */
  byUid: boolean;
}

/** Does the command and returns the text of its `OK`. */
export type Command = (call: Call) => string | Promise<string>;

export function textOf(token: Token | undefined): string {
  if (token === undefined || token.type === 'list') throw new Refusal('BAD', 'A string was expected');
  return token.text;
}

export function selectedOf({ selected }: Connection): Selected {
  if (selected === null) throw new Refusal('BAD', 'No mailbox is selected');
  return selected;
}

export function accountOf({ account }: Connection): string {
  if (account === null) throw new Refusal('BAD', 'Log in first');
  return account;
}

/**
 * Tells the client what changed in its folder.
 * @param expunges false while sequence numbers must stay as they are (RFC 3501 §7.4.1)
 */
export function tellChanges(connection: Connection, expunges: boolean): void {
  const { selected } = connection;
  if (selected === null || selected.revision === selected.folder.revision) return;
  const { folder } = selected;
  const gone = selected.uids.filter((uid) => !folder.messages.has(uid)).length;
  if (expunges && gone > 0) {
    for (let index = selected.uids.length - 1; index >= 0; index -= 1) {
      if (!folder.messages.has(selected.uids[index] ?? 0)) connection.untagged(`${index + 1} EXPUNGE`);
    }
    selected.uids = selected.uids.filter((uid) => folder.messages.has(uid));
  }
  const known = selected.uids.at(-1) ?? 0;
  for (const [index, uid] of selected.uids.entries()) {
    const message = folder.messages.get(uid);
    if (message === undefined || message.revision <= selected.revision) continue;
    if (selected.told.get(uid) !== message.revision) {
      connection.untagged(`${index + 1} FETCH (UID ${uid} FLAGS (${message.flags.join(' ')}))`);
    }
  }
  const arrived = [...folder.messages.keys()].filter((uid) => uid > known);
  if (arrived.length > 0) {
    selected.uids.push(...arrived);
    connection.untagged(`${selected.uids.length} EXISTS`);
  }
  if (expunges || gone === 0) {
    selected.revision = folder.revision;
    selected.told.clear();
  }
}
