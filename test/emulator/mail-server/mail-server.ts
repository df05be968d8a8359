import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, createServer as createTlsServer } from 'node:tls';
import { microsoftImapHosts } from '../../../src/domain/connection';
import { microsoftSmtpHosts } from '../../../src/domain/outgoing';
import { openJournal } from '../journal';
import { serverCredentials } from './certificates';
import { serveImap } from './imap/session';
import { listenOnLoopback } from './loopback';
import { type MailStore, openMailStore } from './mail-store';
import { startOutgoingServer } from './outgoing';
import { type IncomingMail, smtpServer } from './smtp';

/** Every address of this domain has a mailbox; they all have one password. */
export const mailDomain = 'letterbox.test';
export const mailPassword = 'letterbox';

export interface MailServerOptions {
  /** Where mail is kept; null keeps it in memory. */
  directory: string | null;
  /** 0 picks a free port, as for those that are not there. */
  ports: { smtp: number; imap: number; imaps: number; smtps?: number; submission?: number };
  host?: string;
  /** Takes mail for an address whose mailbox is on another server of this machine; false when that is nobody's. */
  forward?: (recipient: string, raw: Uint8Array) => boolean;
  /** Mailboxes besides those of the domain, which access tokens open and no password. */
  byToken?: { addresses: readonly string[]; opens(address: string, token: string): Promise<boolean> };
  /** Whose mail an access token sends; null when it is not good. */
  verifyToken?: (token: string) => Promise<string | null>;
}

export interface SentMail {
  /** Epoch milliseconds. */
  at: number;
  envelope: { from: string; to: string[] };
  raw: string;
}

export interface MailServer {
  /** `smtp` takes mail for the mailboxes here; `smtps` (TLS) and `submission` (STARTTLS) from those who have one, for anybody. */
  ports: { smtp: number; imap: number; imaps: number; smtps: number; submission: number };
  /** PEM of the authority behind the server's certificate. */
  ca: string;
  store: MailStore;
  /** Puts a mail into the inbox of each local recipient, as SMTP would. */
  deliver(mail: IncomingMail): void;
  /** Mail to people elsewhere, oldest first. */
  sent(): SentMail[];
  close(): Promise<void>;
}

/** Mail to the outside that is kept for a look. */
const sentLimit = 1_000;

/** SMTP in, IMAP out: mail for `…@letterbox.test` goes to its mailbox, what nobody here takes to a list. */
export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  const { directory, ports, host, forward = () => false, byToken } = options;
  const inDirectory = (name: string) => (directory === null ? null : join(directory, name));
  const credentials = serverCredentials(inDirectory('ca.pem'), [
    'localhost',
    `mail.${mailDomain}`,
    '127.0.0.1',
    '::1',
    ...microsoftImapHosts,
    ...microsoftSmtpHosts,
  ]);
  const secureContext = createSecureContext(credentials);
  const store = openMailStore(inDirectory('mail'));
  const journal = openJournal(inDirectory('sent.jsonl'));
  // The file is our own: each record is what `deliver` appended.
  let sent = (journal.records as readonly SentMail[]).slice(-sentLimit);
  if (sent.length < journal.records.length) journal.compact(sent);

  const deliver = ({ from, recipients, raw }: IncomingMail) => {
    const now = Date.now();
    const take = (recipient: string): boolean => {
      const traced = Buffer.concat([trace(from, recipient, now), raw]);
      const isHere = isLocal(recipient) || byToken?.addresses.includes(recipient) === true;
      const inbox = isHere ? store.folder(recipient, 'INBOX') : undefined;
      if (inbox) store.append(inbox, traced, now, []);
      return forward(recipient, traced) || isHere;
    };
    const everybody = [...new Set(recipients.map((recipient) => recipient.toLowerCase()))];
    if (everybody.map(take).every(Boolean)) return;
    const mail: SentMail = { at: now, envelope: { from, to: recipients }, raw: Buffer.from(raw).toString('utf8') };
    sent = [...sent, mail].slice(-sentLimit);
    journal.append(mail);
  };

  const sockets = new Set<Socket>();
  const signIn = (name: string, password: string) => {
    const account = name.toLowerCase();
    return isLocal(account) && password === mailPassword ? account : null;
  };
  const opensByToken = byToken === undefined ? null : byToken.opens;
  const serve = (secure: boolean) => (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveImap(socket, secure, { store, signIn, opensByToken, secureContext }).catch((error: Error) =>
      socket.destroy(error),
    );
  };
  const imap = createServer(serve(false));
  const imaps = createTlsServer(credentials, serve(true));
  const smtp = smtpServer(credentials, deliver);
  // A client that breaks off is no reason to stop.
  smtp.on('error', () => {});

  const outgoing = await startOutgoingServer({
    ...credentials,
    host,
    users: (name, password) => signIn(name, password) !== null,
    ...(options.verifyToken === undefined ? {} : { verifyToken: options.verifyToken }),
    ports: { smtps: ports.smtps ?? 0, submission: ports.submission ?? 0 },
    onMail: ({ envelope, raw }) => deliver({ from: envelope.from, recipients: envelope.to, raw }),
  });
  const listening = [
    await listenOnLoopback(imap, ports.imap, host),
    await listenOnLoopback(imaps, ports.imaps, host),
    await listenOnLoopback(smtp.server, ports.smtp, host),
  ] as const;
  return {
    ports: { imap: listening[0].port, imaps: listening[1].port, smtp: listening[2].port, ...outgoing.ports },
    ca: credentials.ca,
    store,
    deliver,
    sent: () => sent,
    close: async () => {
      for (const each of listening) each.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all([imap, imaps].map((server) => new Promise((resolve) => server.close(resolve))));
      await new Promise<void>((resolve) => smtp.close(resolve));
      await outgoing.close();
      store.close();
      journal.close();
    },
  };
}

const isLocal = (address: string): boolean => address.endsWith(`@${mailDomain}`);

/** What the last server on a mail's way writes on top of it (RFC 5321 §4.4). */
function trace(from: string, recipient: string, now: number): Buffer {
  const date = new Date(now).toUTCString().replace('GMT', '+0000');
  return Buffer.from(
    `Return-Path: <${from}>\r\nDelivered-To: ${recipient}\r\nReceived: from localhost by localhost with ESMTP for <${recipient}>; ${date}\r\n`,
  );
}
