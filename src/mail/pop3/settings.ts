import type { Encryption } from '../../domain/connection';
import type { Memory } from '../held-memory';
import type { AddLine } from '../protocol-log';

/** What it takes to reach a mailbox by POP3. */
export interface Pop3Settings {
  /** `starttls` is POP3's STLS command (RFC 2595 §4). */
  encryption: Encryption;
  host: string;
  port: number;
  username: string;
  /** Milliseconds that one step or answer may take. */
  timeoutMs: number;
  /** PEM of the authorities to trust instead of the usual ones; may be empty. */
  privateCa: string;
}

export type Pop3Credentials = { password: string } | { accessToken: string };

export interface Pop3Deps {
  /** The addresses that may be connected to for a host and port. @throws AppError `host-not-found`, `host-unreachable` */
  resolve(host: string, port: number): Promise<string[]>;
  /** Whether passwords and mail may travel in clear. */
  allowPlaintext: boolean;
  /** Milliseconds that one call may wait for the server in all; default `pop3Limits.callMs`. */
  callMs?: number;
  /** Gets the protocol, without secrets and mail. */
  log?: AddLine;
  /** Counts what is held of the server's answers; default: nobody does. */
  memory?: Memory;
}
