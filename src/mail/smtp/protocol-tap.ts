import { redactText } from '../../domain/redact';
import { cutText } from '../../domain/text';
import { protocolLogLimits } from '../protocol-log';
import type { SmtpCredentials } from './settings';

/** Listens to what the library logs: for the protocol that an administrator may see, and for what it does not tell otherwise. */
export interface ProtocolTap {
  logger: Record<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal', (entry: unknown, ...rest: unknown[]) => void>;
  /** Whether something came in clear between the answer to STARTTLS and the handshake (RFC 3207 §6). */
  isDisturbed(): boolean;
  /** Extensions that the server named last, after TLS if there is TLS; the first word of each line. */
  supports(extension: string): boolean;
  /** Ways to sign in that the server named last, in capitals. */
  mechanisms(): readonly string[];
}

/** @param onStartTls called when TLS begins */
export function protocolTap(
  log: ((line: string) => void) | undefined,
  credentials: SmtpCredentials,
  onStartTls: () => void,
): ProtocolTap {
  let isDisturbed = false;
  let lastCommand = '';
  let extensions = new Set<string>();
  let mechanisms: string[] = [];
  const secrets =
    'password' in credentials ? [credentials.password] : 'accessToken' in credentials ? [credentials.accessToken] : [];

  const hear = (entry: unknown, words: unknown) => {
    const about: unknown = Reflect.get(Object(entry), 'tnx');
    const text = typeof words === 'string' ? words : '';
    if (about === 'client') {
      lastCommand = text.split(' ', 1)[0]?.toUpperCase() ?? '';
      if (lastCommand === 'STARTTLS') onStartTls();
      write('C', text);
    } else if (about === 'server') {
      if (lastCommand === 'EHLO' || lastCommand === 'HELO') {
        extensions = readExtensions(text);
        mechanisms = readMechanisms(text);
      }
      write('S', text);
    }
  };
  const write = (who: 'C' | 'S', text: string) => {
    if (log === undefined) return;
    for (const line of text.split(/\r?\n/))
      log(`${who}: ${cutText(shownLine(line, secrets), protocolLogLimits.lineChars)}`);
  };
  const silent = () => {};
  return {
    logger: {
      trace: silent,
      debug: hear,
      info: silent,
      warn: (entry) => {
        // The library drops such bytes and goes on; whoever sent them is in the middle, and not to be trusted any further.
        if (Number(Reflect.get(Object(entry), 'discarded')) > 0) isDisturbed = true;
      },
      error: silent,
      fatal: silent,
    },
    isDisturbed: () => isDisturbed,
    supports: (extension) => extensions.has(extension),
    mechanisms: () => mechanisms,
  };
}

/** A line without secrets. Which mechanisms are offered and used is shown; what is sent with them is not. */
function shownLine(line: string, secrets: readonly string[]): string {
  const [, offered, used] = /^(?:(\d{3}[ -]AUTH[ =][A-Z0-9 =-]+)|(AUTH \S+)(?: .*)?)$/i.exec(line) ?? [];
  if (used !== undefined) return `${used} [hidden]`;
  const isSafe = offered !== undefined && !secrets.some((secret) => offered.includes(secret));
  return isSafe ? offered : redactText(line, secrets);
}

/** RFC 4954 §3; old servers write "AUTH=", some both. */
function readMechanisms(reply: string): string[] {
  const lists = reply.split(/\r?\n/).map((line) => /^\d{3}[ -]AUTH[ =](.*)$/i.exec(line)?.[1] ?? '');
  return [...new Set(lists.flatMap((list) => list.toUpperCase().split(/[\s=]+/)).filter(Boolean))];
}

function readExtensions(reply: string): Set<string> {
  const lines = reply.split(/\r?\n/).slice(1);
  return new Set(lines.map((line) => /^\d{3}[ -](\S+)/.exec(line)?.[1]?.toUpperCase() ?? ''));
}
