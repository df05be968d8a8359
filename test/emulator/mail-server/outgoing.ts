import type { Readable } from 'node:stream';
import { domainToASCII } from 'node:url';
import { SMTPServer, type SMTPServerAuthentication, type SMTPServerOptions } from 'smtp-server';
import { type Listening, listenOnLoopback } from './loopback';

/** The commands at which the server can refuse. */
export type RefusedCommand = 'MAIL' | 'RCPT' | 'DATA';

/** What a test or a person tells the server to refuse. */
export interface OutgoingRefusal {
  at: RefusedCommand;
  code: number;
  /** With an enhanced status code at its beginning, if there is one. */
  text: string;
  /** Only this address: the sender's at MAIL, a recipient's at RCPT. All if nothing is said. */
  address?: string;
  /** Whether it refuses at this moment; it does if nothing is said. */
  applies?: () => boolean;
  /** How often; always if nothing is said. */
  times?: number;
}

export interface OutgoingServerOptions {
  cert: string;
  key: string;
  /** Passwords by user name, or whoever knows them. Null: no sign-in is offered, and none is asked for. */
  users?: Readonly<Record<string, string>> | ((user: string, password: string) => boolean) | null;
  /** Whose mailbox an access token opens; null when it is not good. */
  verifyToken?: (token: string) => string | null | Promise<string | null>;
  /** Addresses that a user may send as, besides the own one; anything if nothing is said. */
  mayOnlySendAs?: Readonly<Record<string, readonly string[]>>;
  /** Bytes of one mail. */
  size?: number;
  /** 0 picks a free port. */
  ports?: { smtps: number; submission: number };
  host?: string | undefined;
  /** Takes each mail; without it they are kept. */
  onMail?: (mail: OutgoingMailReceived) => void;
}

export interface OutgoingMailReceived {
  envelope: { from: string; to: string[] };
  raw: Buffer;
  /** Who signed in; empty if nobody did. */
  user: string;
}

export interface OutgoingServer {
  /** `smtps` speaks TLS at once, `submission` after STARTTLS. */
  ports: { smtps: number; submission: number };
  received(): OutgoingMailReceived[];
  /** Sign-ins so far: the secrets that came, right or wrong. */
  secrets: string[];
  /** Connections so far. */
  connections(): number;
  refuse(...refusals: OutgoingRefusal[]): void;
  close(): Promise<void>;
}

const MiB = 1024 * 1024;

const error = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode });

/** A submission server (RFC 6409) as providers run them: it takes mail of those who sign in, for anybody, and keeps it. */
export async function startOutgoingServer(options: OutgoingServerOptions): Promise<OutgoingServer> {
  const {
    users = {},
    verifyToken,
    mayOnlySendAs,
    size = 35 * MiB,
    ports = { smtps: 0, submission: 0 },
    host,
    onMail,
  } = options;
  const received: OutgoingMailReceived[] = [];
  const secrets: string[] = [];
  let refusals: (OutgoingRefusal & { left: number })[] = [];
  let connections = 0;
  let queued = 0;

  const refused = (at: RefusedCommand, address: string): Error | null => {
    const found = refusals.find(
      (one) => one.at === at && one.left > 0 && (one.address ?? address) === address && one.applies?.() !== false,
    );
    if (found === undefined) return null;
    found.left -= 1;
    return error(found.code, found.text);
  };
  /** Who signed in; null when the secret is wrong. */
  const signIn = async (auth: SMTPServerAuthentication): Promise<string | null> => {
    secrets.push(auth.password ?? auth.accessToken ?? '');
    if (auth.method === 'XOAUTH2') {
      const address = (await verifyToken?.(auth.accessToken ?? '')) ?? null;
      return address !== null && address === auth.username ? address : null;
    }
    const username = auth.username ?? '';
    const password = auth.password ?? '';
    const isRight = typeof users === 'function' ? users(username, password) : users?.[username] === password;
    return isRight ? username : null;
  };

  const settings: SMTPServerOptions = {
    name: 'smtp.letterbox.test',
    cert: options.cert,
    key: options.key,
    size,
    authOptional: users === null,
    authMethods: ['PLAIN', 'LOGIN', ...(verifyToken === undefined ? [] : ['XOAUTH2'])],
    disabledCommands: users === null ? ['AUTH'] : [],
    disableReverseLookup: true,
    logger: false,
    onConnect: (_session, done) => {
      connections += 1;
      done();
    },
    onAuth: (auth, _session, done) => {
      signIn(auth).then(
        (user) => {
          if (user !== null) return done(null, { user });
          // XOAUTH2 tells why as a challenge, which smtp-server sends when it gets data (RFC 7628 §3.2.3 is like it).
          if (auth.method === 'XOAUTH2')
            return done(null, { data: { status: '401', schemes: 'bearer', scope: 'https://mail.google.com/' } });
          return done(error(535, '5.7.8 Username and Password not accepted'));
        },
        (cause: Error) => done(cause),
      );
    },
    onMailFrom: ({ address }, session, done) => {
      const user = String(session.user ?? '');
      const allowed = mayOnlySendAs?.[user];
      const isOther = allowed !== undefined && address !== user && !allowed.includes(address);
      done(
        refused('MAIL', address) ??
          (isOther ? error(553, `5.7.1 <${address}>: Sender address rejected: not owned by user ${user}`) : null),
      );
    },
    onRcptTo: ({ address }, _session, done) => done(refused('RCPT', address)),
    onData: (stream, session, done) => {
      const { mailFrom, rcptTo } = session.envelope;
      collected(stream, size).then(
        (raw) => {
          if (stream.sizeExceeded) return done(error(552, '5.3.4 Message size exceeds fixed limit'));
          const from = mailFrom ? mailFrom.address : '';
          const problem = refused('DATA', from);
          if (problem !== null) return done(problem);
          const mail = {
            envelope: { from, to: rcptTo.map(({ address }) => asSaid(address)) },
            raw,
            user: String(session.user ?? ''),
          };
          queued += 1;
          if (onMail === undefined) received.push(mail);
          else onMail(mail);
          return done(null, `2.0.0 Ok: queued as ${queued}`);
        },
        (cause: Error) => done(cause),
      );
    },
  };
  const smtps = await listen(new SMTPServer({ ...settings, secure: true }), ports.smtps, host);
  const submission = await listen(new SMTPServer({ ...settings, secure: false }), ports.submission, host);
  return {
    ports: { smtps: smtps.listening.port, submission: submission.listening.port },
    received: () => received,
    secrets,
    connections: () => connections,
    refuse: (...more) => {
      refusals = [...refusals, ...more.map((one) => ({ ...one, left: one.times ?? Number.POSITIVE_INFINITY }))];
    },
    close: async () => {
      for (const each of [smtps, submission]) each.listening.close();
      await Promise.all([smtps, submission].map(({ server }) => new Promise<void>((resolve) => server.close(resolve))));
    },
  };
}

/** The library shows an internationalised domain in its own letters; in the command it stands in ASCII. */
const asSaid = (address: string) => address.replace(/[^@]+$/, (domain) => domainToASCII(domain) || domain);

async function listen(
  server: SMTPServer,
  port: number,
  host?: string,
): Promise<{ server: SMTPServer; listening: Listening }> {
  // Clients that break off are no failure of the server.
  server.on('error', () => {});
  return { server, listening: await listenOnLoopback(server.server, port, host) };
}

async function collected(stream: Readable, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    // The rest is read and dropped: the client must hear the refusal after its last line.
    if (size <= most) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
