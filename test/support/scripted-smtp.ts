import { createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

/** Answers one line: the text to send without its last line end, or nothing when it took care of that itself. */
export type SmtpReply = (line: string, socket: Socket) => string | undefined;

export interface SmtpScript {
  /** Null: says nothing. */
  greeting?: string | null;
  /** What EHLO names, besides the greeting. */
  extensions?: readonly string[];
  /** By command in lower case. What is not here is answered like a small, decent server. `.` is the end of a mail. */
  on?: Readonly<Record<string, SmtpReply>>;
  /** With it the server speaks TLS at once (`tls`), or after STARTTLS. */
  tls?: { cert: string; key: string; mode: 'tls' | 'starttls' };
  /** Instead of all of the above. */
  connected?: (socket: Socket) => void;
}

export interface ScriptedSmtp {
  port: number;
  /** Every line that came, but those of a mail. */
  lines: string[];
  connections(): number;
  stop(): Promise<void>;
}

/** An SMTP server on loopback that does what a script says, however wrong. */
export async function scriptedSmtp(script: SmtpScript): Promise<ScriptedSmtp> {
  const {
    greeting = '220 ready',
    extensions = ['PIPELINING', 'AUTH PLAIN LOGIN', 'SIZE 10000000'],
    on = {},
    tls,
  } = script;
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const context = tls === undefined ? undefined : createSecureContext(tls);

  function serve(socket: Socket, isSecure: boolean): void {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    let buffered = '';
    let isData = false;
    const names = [...extensions, ...(tls?.mode === 'starttls' && !isSecure ? ['STARTTLS'] : [])];
    const decent: Record<string, SmtpReply> = {
      ehlo: () => ['250-hello', ...names.map((name) => `250-${name}`), '250 HELP'].join('\r\n'),
      auth: () => '235 2.7.0 welcome',
      mail: () => '250 2.1.0 ok',
      rcpt: () => '250 2.1.5 ok',
      data: () => '354 go on',
      '.': () => '250 2.0.0 queued',
      quit: () => '221 bye',
      starttls: () => {
        if (context === undefined || isSecure) return '502 5.5.1 what?';
        socket.removeAllListeners('data');
        socket.write('220 go on\r\n');
        serve(new TLSSocket(socket, { isServer: true, secureContext: context }), true);
        return undefined;
      },
    };
    socket.on('data', (chunk) => {
      buffered += chunk.toString('latin1');
      for (let end = buffered.indexOf('\r\n'); end >= 0; end = buffered.indexOf('\r\n')) {
        const line = buffered.slice(0, end);
        buffered = buffered.slice(end + 2);
        if (isData && line !== '.') continue;
        if (!isData) lines.push(line);
        const name = isData ? '.' : (line.split(' ', 1)[0]?.toLowerCase() ?? '');
        isData = false;
        const reply = (on[name] ?? decent[name] ?? (() => '502 5.5.1 what?'))(line, socket);
        if (name === 'data' && reply?.startsWith('3') === true) isData = true;
        if (reply !== undefined) socket.write(`${reply}\r\n`, 'latin1');
      }
    });
  }

  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    if (script.connected !== undefined) {
      script.connected(socket);
      return;
    }
    const isTls = tls?.mode === 'tls' && context !== undefined;
    const used = isTls ? new TLSSocket(socket, { isServer: true, secureContext: context }) : socket;
    serve(used, isTls);
    if (greeting !== null) used.write(`${greeting}\r\n`);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    lines,
    connections: () => connections,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
