import type { ConnectionSettings } from '../../domain/connection';
import type { Memory } from '../held-memory';
import type { AddLine } from '../protocol-log';

/** What it takes to reach a mailbox by IMAP; every `ConnectionSettings` of that provider has it. */
export type ImapSettings = Pick<
  Extract<ConnectionSettings, { provider: 'imap' }>,
  'encryption' | 'host' | 'port' | 'username' | 'folder' | 'timeoutMs' | 'privateCa' | 'largestMailMb'
>;

export type Credentials = { password: string } | { accessToken: string };

export interface ImapDeps {
  /** The addresses that may be connected to for a host and port. @throws AppError `host-not-found`, `host-unreachable` */
  resolve(host: string, port: number): Promise<string[]>;
  /** Whether passwords and mail may travel in clear. */
  allowPlaintext: boolean;
  /** Milliseconds that one call may wait for the server in all; default `imapLimits.callMs`. */
  callMs?: number;
  /** Gets the protocol, without secrets and mail. */
  log?: AddLine;
  /** Counts what is held of the server's answers; default: nobody does. */
  memory?: Memory;
}
