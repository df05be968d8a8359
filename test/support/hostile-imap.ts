import { createServer, type Socket } from 'node:net';
import { inbox } from './scripted-imap';

/** What a hostile mail server does to whoever lists or fetches: far more than was asked for, in each of the ways that were seen. */
export const hostileWays = ['long lines', 'reversed rows', 'endless body', 'unasked rows', 'drip'] as const;
export type HostileWay = (typeof hostileWays)[number];

const KiB = 1024;
const count = 60;
const longLine = `* 1 FETCH (UID 1 FLAGS (${'\\a '.repeat(680 * KiB)}))\r\n`;
const row = (uid: number) => `* ${uid} FETCH (UID ${uid} RFC822.SIZE 1 FLAGS ())\r\n`;
const uids = Array.from({ length: count }, (_, index) => index + 1);
const block = 'x'.repeat(256 * KiB);

/** Writes what `next` gives until it gives no more, or nobody listens any more. */
function pump(socket: Socket, next: () => string | null): void {
  const more = () => {
    for (let text = next(); text !== null; text = next()) {
      if (socket.destroyed) return;
      if (!socket.write(text)) {
        socket.once('drain', more);
        return;
      }
    }
  };
  more();
}

function answerFetch(way: HostileWay, socket: Socket, tag: string, args: string): void {
  const done = `${tag} OK done\r\n`;
  if (way === 'long lines') {
    let left = 10;
    pump(socket, () => (left-- > 0 ? longLine : left === -1 ? done : null));
  } else if (way === 'unasked rows') {
    let uid = 0;
    pump(socket, () => (uid < 2_000_000 ? row(++uid) : null));
  } else if (way === 'drip') {
    const timer = setInterval(() => socket.write('*'), 5);
    socket.once('close', () => clearInterval(timer));
  } else if (!args.includes('BODY')) {
    socket.write(uids.map(row).join('') + done);
  } else if (way === 'endless body') {
    socket.write(`* 1 FETCH (UID 1 BODY[] {${50 * KiB * KiB}}\r\n`);
    pump(socket, () => block);
  } else {
    const rest = uids.map((uid) => `* ${uid} FETCH (UID ${uid} BODY[] {${block.length}}\r\n${block})\r\n`);
    pump(socket, () => rest.pop() ?? null);
  }
}

/** An IMAP server in clear text that lets everybody in, and answers every FETCH in its own way. */
export async function hostileImap(way: HostileWay): Promise<{ port: number; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n');
    let buffered = '';
    socket.on('data', (chunk) => {
      const lines = (buffered + chunk.toString('latin1')).split('\r\n');
      buffered = lines.pop() ?? '';
      for (const line of lines) {
        const [, tag = '', command = '', args = ''] = /^(\S+) ((?:UID )?\S+) ?(.*)$/.exec(line) ?? [];
        if (/FETCH/i.test(command)) answerFetch(way, socket, tag, args);
        else if (/SELECT/i.test(command)) socket.write(`${inbox(count, count + 1)}${tag} OK [READ-WRITE] open\r\n`);
        else if (/LIST/i.test(command)) socket.write(`* LIST () "/" INBOX\r\n${tag} OK\r\n`);
        else socket.write(`* CAPABILITY IMAP4rev1\r\n${tag} OK\r\n`);
      }
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
