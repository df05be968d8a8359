import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Certificate } from '../../support/certificates';

export interface StoredMail {
  /** Unique id; null: the server does not list it. */
  id: string | null;
  raw: string | Buffer;
}

/** One client's session, for scripts that answer in the server's stead. */
export interface Visit {
  /** 1 for the first client. */
  number: number;
  /** The socket in use: after STLS the encrypted one. */
  socket: Socket;
  marked: Set<number>;
}

/** Bytes to send instead of the usual answer; null: say nothing; undefined: answer as usual. */
export type Script = (command: string, visit: Visit, usual: () => Buffer) => string | Buffer | null | undefined;

export interface Pop3ServerOptions {
  mails?: StoredMail[];
  capabilities?: string[];
  script?: Script;
  greeting?: string;
  /** With one, STLS is offered. */
  certificate?: Certificate;
  password?: string;
}

export interface Pop3Server {
  port: number;
  mails: StoredMail[];
  /** Every command received, in order. */
  commands: string[];
  visits: number;
  /** The most commands that were ever received without waiting for an answer. */
  mostAtOnce: number;
  /** Set while running to change what goes wrong. */
  script: Script | undefined;
  stop(): Promise<void>;
}

const stuff = (raw: Buffer) => {
  const text = raw
    .toString('latin1')
    .replace(/^\./gm, (dot, at: number, whole: string) => (at === 0 || whole[at - 2] === '\r' ? '..' : dot));
  return Buffer.from(text.endsWith('\r\n') ? text : `${text}\r\n`, 'latin1');
};

/** A small POP3 server on loopback that keeps to RFC 1939 unless its script says otherwise. */
export async function startPop3Server(options: Pop3ServerOptions = {}): Promise<Pop3Server> {
  const { certificate, greeting = '+OK ready', password = 'secret' } = options;
  const capabilities = options.capabilities ?? [
    'TOP',
    'UIDL',
    'PIPELINING',
    'RESP-CODES',
    'AUTH-RESP-CODE',
    'USER',
    'SASL PLAIN XOAUTH2',
  ];
  const sockets = new Set<Socket>();
  const state: Pop3Server = {
    port: 0,
    mails: options.mails ?? [],
    commands: [],
    visits: 0,
    mostAtOnce: 0,
    script: options.script,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };

  const server = createServer((plain) => {
    sockets.add(plain);
    plain.on('error', () => {});
    state.visits += 1;
    const mails = [...state.mails];
    const visit: Visit = { number: state.visits, socket: plain, marked: new Set() };
    const lines = (first: string, rest: string[]) => Buffer.from(`${[first, ...rest, '.'].join('\r\n')}\r\n`, 'latin1');
    const there = (word = '') => {
      const number = Number(word);
      return visit.marked.has(number) ? undefined : mails[number - 1];
    };
    const octets = (mail: StoredMail) => Buffer.from(mail.raw).length;
    const numbered = <T>(tell: (mail: StoredMail) => T | null) =>
      mails.flatMap((mail, index) => {
        const told = visit.marked.has(index + 1) ? null : tell(mail);
        return told === null ? [] : [`${index + 1} ${told}`];
      });
    let expecting: ((line: string) => string) | null = null;

    function usual(command: string): Buffer {
      const [verb = '', argument, argument2] = command.split(' ');
      const answer = (text: string) => Buffer.from(`${text}\r\n`);
      const mail = there(argument);
      const signIn = (line: string) => {
        const said = Buffer.from(line, 'base64').toString();
        return said.endsWith(`\0${password}`) || said.includes(`Bearer ${password}`)
          ? '+OK signed in'
          : '-ERR [AUTH] wrong';
      };
      switch (verb.toUpperCase()) {
        case 'CAPA':
          return lines('+OK', [...capabilities, ...(certificate && visit.socket === plain ? ['STLS'] : [])]);
        case 'STLS':
          return answer('+OK begin');
        case 'USER':
          return answer('+OK go on');
        case 'PASS':
          return answer(command === `PASS ${password}` ? '+OK signed in' : '-ERR [AUTH] wrong');
        case 'AUTH':
          if (argument2 !== undefined) return answer(signIn(argument2));
          expecting = signIn;
          return answer('+ ');
        case 'STAT': {
          const left = mails.filter((_, index) => !visit.marked.has(index + 1));
          return answer(`+OK ${left.length} ${left.reduce((sum, one) => sum + octets(one), 0)}`);
        }
        case 'UIDL':
          if (argument === undefined)
            return lines(
              '+OK',
              numbered((one) => one.id),
            );
          return answer(mail?.id != null ? `+OK ${argument} ${mail.id}` : '-ERR no such message');
        case 'LIST':
          if (argument === undefined) return lines('+OK', numbered(octets));
          return answer(mail ? `+OK ${argument} ${octets(mail)}` : '-ERR no such message');
        case 'TOP': {
          if (!mail) return answer('-ERR no such message');
          const head = Buffer.from(mail.raw).toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
          return Buffer.concat([answer('+OK'), stuff(Buffer.from(`${head}\r\n\r\n`, 'latin1')), answer('.')]);
        }
        case 'RETR':
          if (!mail) return answer('-ERR no such message');
          return Buffer.concat([answer('+OK'), stuff(Buffer.from(mail.raw)), answer('.')]);
        case 'DELE':
          if (!mail) return answer('-ERR no such message');
          visit.marked.add(Number(argument));
          return answer('+OK marked');
        case 'QUIT': {
          const removed = mails.filter((_, index) => visit.marked.has(index + 1));
          state.mails = state.mails.filter((one) => !removed.includes(one));
          return answer('+OK bye');
        }
        default:
          return answer('-ERR what?');
      }
    }

    function handle(line: string): void {
      state.commands.push(line);
      if (expecting !== null) {
        const tell = expecting;
        expecting = null;
        visit.socket.write(`${tell(line)}\r\n`);
        return;
      }
      const scripted = state.script?.(line, visit, () => usual(line));
      const bytes = scripted === undefined ? usual(line) : scripted;
      if (bytes !== null) visit.socket.write(bytes);
      if (line === 'QUIT' && scripted === undefined) visit.socket.end();
      if (line === 'STLS' && certificate !== undefined && scripted === undefined) secure(certificate);
    }

    function listen(socket: Socket): void {
      let pending = '';
      socket.on('data', (chunk) => {
        pending += chunk.toString('latin1');
        const complete = pending.split('\r\n');
        pending = complete.pop() ?? '';
        state.mostAtOnce = Math.max(state.mostAtOnce, complete.length);
        for (const line of complete) handle(line);
      });
    }

    function secure({ certificate: cert, key }: Certificate): void {
      plain.removeAllListeners('data');
      const socket = new TLSSocket(plain, { isServer: true, cert, key });
      socket.on('error', () => {});
      visit.socket = socket;
      listen(socket);
    }

    listen(plain);
    plain.write(`${greeting}\r\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  state.port = typeof address === 'object' && address !== null ? address.port : 0;
  return state;
}

export const mail = (id: string | null, body = 'text'): StoredMail => ({
  id,
  raw: `Received: from a by b; Fri, 20 Nov 2026 07:00:00 +0000\r\nSubject: ${id}\r\n\r\n${body}\r\n`,
});
