import { isIP, type LookupFunction } from 'node:net';
import { hostname } from 'node:os';
import type { ConnectionOptions } from 'node:tls';
import { domainToASCII } from 'node:url';
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

const isFullName = (name: string) =>
  name.length <= 253 && /^(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+$/i.test(name) && isIP(name) === 0;

/**
 * The name to say in EHLO. Relays refuse address literals and names without a dot (RFC 5321 §4.1.1.1 asks for the full one), so the first
 * full domain name is taken: of the gateway, its machine, the From address, the user, and for a check of none of these the
 * domain of the server itself.
 * @param from an address; empty if no mail is sent
 */
export function greetingName(
  settings: SmtpSettings,
  from: string,
  configured = '',
  machine: string = hostname(),
): string {
  const domainOf = (address: string) =>
    address.includes('@') ? domainToASCII(address.slice(address.lastIndexOf('@') + 1)) : '';
  const parent = isIP(settings.host) === 0 ? settings.host.split('.').slice(1).join('.') : '';
  const names = [configured, machine, domainOf(from), domainOf(settings.username), parent];
  return names.find(isFullName) ?? '[127.0.0.1]';
}

export function libraryOptions(
  settings: SmtpSettings,
  host: string,
  tap: ProtocolTap,
  name: string,
  byToken: boolean,
): SMTPConnectionOptions {
  const { encryption, port, timeoutMs } = settings;
  return {
    host,
    port,
    name,
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
