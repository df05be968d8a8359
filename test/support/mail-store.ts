import type { Authority } from './certificates';

/** A running server of mailboxes on loopback, whoever wrote it. */
export interface MailStore {
  /** As people call it. */
  name: string;
  host: string;
  ports: { imap: number; imaps: number; pop3: number; pop3s: number };
  /** The PEM of the authority that signed the server's certificate. */
  ca: string;
  authority: Authority;
  /** Names and passwords. */
  users: Readonly<Record<string, string>>;
  /** Stands before the names of all folders but INBOX, such as "INBOX."; empty if there is none. */
  prefix: string;
  /** Between the levels of folder names. */
  separator: string;
  /** Starts again on the same ports and mail after `stop({ keep: true })`. */
  start(): Promise<void>;
  stop(options?: { keep: boolean }): Promise<void>;
}

export interface MailStoreOptions {
  /** Names and passwords; default: alice with "secret". */
  users?: Readonly<Record<string, string>>;
}
