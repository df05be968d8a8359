import { fileURLToPath } from 'node:url';
import { startLocalHost } from './local/local-host';
import { mailDomain, mailPassword } from './mail-server/mail-server';

/** `npm start`: everything that Letterbox needs, on this machine. */

const help = `Starts Letterbox on this machine: the app on a local Forge and Jira, its gateway, a mail server,
and stand-ins for Google and Microsoft 365.

  npm start                 keeps what it knows in .letterbox/
  npm start -- --fresh      forgets it first
  npm start -- --help       shows this

Environment variables:
  PORT        of the web server (8090)
  SMTP_PORT   of the mail server, for mail that comes in (2525)
  IMAP_PORT   of the mail server, with STARTTLS (1143)
  IMAPS_PORT  of the mail server, with SSL/TLS (1993)
  SMTPS_PORT, SUBMISSION_PORT  of the mail server, for mail that goes out, with SSL/TLS (1465) and STARTTLS (1587)
  HOST        address to listen on (127.0.0.1: this machine only)
  LETTERBOX_DIRECTORY  where everything is kept (.letterbox)
  LOG_LEVEL   of the gateway: debug, info, warn, error or silent (warn)
`;

const print = (text: string) => process.stdout.write(`${text}\n`);

function portOf(name: string, preset: number): number {
  const text = process.env[name] || String(preset);
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new Error(`${name} must be a port number, not "${text}".`);
  return Number(text);
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) return void process.stdout.write(help);
  const unknown = args.filter((arg) => arg !== '--fresh');
  if (unknown.length > 0) throw new Error(`${unknown.join(' ')} is not known.\n\n${help}`);

  const began = Date.now();
  const host = await startLocalHost({
    port: portOf('PORT', 8090),
    ports: {
      smtp: portOf('SMTP_PORT', 2525),
      imap: portOf('IMAP_PORT', 1143),
      imaps: portOf('IMAPS_PORT', 1993),
      smtps: portOf('SMTPS_PORT', 1465),
      submission: portOf('SUBMISSION_PORT', 1587),
      gateway: 0,
    },
    directory: process.env.LETTERBOX_DIRECTORY || fileURLToPath(new URL('../../.letterbox', import.meta.url)),
    fresh: args.includes('--fresh'),
    build: true,
    say: print,
    ...(process.env.HOST ? { host: process.env.HOST } : {}),
  });
  const { url, mail, gatewayUrl } = host;
  print(`
Letterbox is ready (${((Date.now() - began) / 1_000).toFixed(1)} s).

  Start page      ${url}/
  Admin page      ${url}/jira/settings/apps
  Issues          ${url}/jira/projects/SUP
  Outgoing mail   ${url}/outgoing

  Send mail to    localhost:${mail.ports.smtp} (SMTP), for support@${mailDomain}
  Read it at      localhost:${mail.ports.imaps} (IMAP, SSL/TLS), ${mail.ports.imap} (STARTTLS)
  Send through    localhost:${mail.ports.smtps} (SMTP, SSL/TLS), ${mail.ports.submission} (STARTTLS)
                  support@${mailDomain}, password ${mailPassword}; the start page has the certificate
  OAuth2          Google and Microsoft have stand-ins with demo accounts; the start page says what to enter
  Gateway         ${gatewayUrl}

Stop with Ctrl+C.`);

  let stopping = false;
  const stop = () => {
    // A second Ctrl+C does not wait any longer.
    if (stopping) process.exit(1);
    stopping = true;
    host.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

main(process.argv.slice(2)).catch((error: NodeJS.ErrnoException & { port?: number }) => {
  const reason =
    error.code === 'EADDRINUSE'
      ? `Port ${error.port} is taken. Is Letterbox running already? Else choose others: npm start -- --help tells how.`
      : error.message;
  process.stderr.write(`Letterbox could not start. ${reason}\n`);
  process.exit(1);
});
