import type { Encryption } from '../../domain/connection';

/** What it takes to reach a mail server that sends. */
export interface SmtpSettings {
  encryption: Encryption;
  host: string;
  port: number;
  /** Empty: no sign-in. */
  username: string;
  /** Milliseconds that one step may take. */
  timeoutMs: number;
  /** PEM of the authorities to trust instead of the usual ones; may be empty. */
  privateCa: string;
}

export type SmtpCredentials = { password: string } | { accessToken: string } | { none: true };

export interface SmtpDeps {
  /** The addresses that may be connected to for a host and port. @throws AppError `host-not-found`, `host-unreachable` */
  resolve(host: string, port: number): Promise<string[]>;
  /** Whether passwords and mail may travel in clear. */
  allowPlaintext: boolean;
  /** Whether mail may go to port 25 without a sign-in, from anybody to anybody; default: no. */
  allowRelay?: boolean;
  /** A full domain name to greet servers with; empty: the one of this machine, else that of the From address. */
  greetingName?: string;
  /** Milliseconds that one call may wait for the server in all; default `smtpLimits.callMs`. */
  callMs?: number;
  /** Gets each line of the protocol, "C: " ours and "S: " the server's, without secrets and without the mail itself. */
  log?(line: string): void;
}
