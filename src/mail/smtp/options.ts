import { isIP, type LookupFunction } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { smtpLimits } from './limits';
import type { ProtocolTap } from './protocol-tap';
import type { SmtpSettings } from './settings';
import { tokenMethod, xoauth2 } from './sign-in';

/** How the socket and the library are set up, so that nothing is left to their defaults that protects a password. */

/** A second lookup could give other addresses than those that were checked (DNS rebinding). */
export const only =
  (addresses: readonly string[]): LookupFunction =>
  (_name, options, done) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }));
    const [first] = found;
    if (options.all === true) done(null, found);
    else done(null, first?.address ?? '', first?.family);
  };

export function tlsOptions(settings: SmtpSettings, host: string): ConnectionOptions {
  return {
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(settings.privateCa === '' ? {} : { ca: settings.privateCa }),
  };
}

export function libraryOptions(
  settings: SmtpSettings,
  host: string,
  tap: ProtocolTap,
  byToken: boolean,
): SMTPConnectionOptions {
  const { encryption, port, timeoutMs } = settings;
  return {
    host,
    port,
    secure: encryption === 'tls',
    secured: encryption === 'tls',
    // Only a demand is safe: when left open, a stripped STARTTLS makes the library send the password in clear.
    requireTLS: encryption === 'starttls',
    ignoreTLS: encryption === 'none',
    tls: tlsOptions(settings, host),
    logger: tap.logger,
    transactionLog: true,
    maxResponseSize: smtpLimits.replyBytes,
    // Our own clock comes first; these only end what it left behind.
    connectionTimeout: 4 * timeoutMs + 1_000,
    greetingTimeout: 4 * timeoutMs + 1_000,
    socketTimeout: 30 * 60_000,
    socketCloseTimeout: smtpLimits.quitMs,
    ...(byToken ? { customAuth: { [tokenMethod]: xoauth2 } } : {}),
  };
}
