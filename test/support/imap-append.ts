import { once } from 'node:events';
import { connect } from 'node:net';

export interface AppendTarget {
  port: number;
  user: string;
  password: string;
  /** As the server names it, in modified UTF-7; made if missing. */
  folder: string;
  /** Epoch milliseconds at which the messages came in; now, if nothing is said. */
  receivedAt?: number;
  isRead?: boolean;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** RFC 3501 §9 date-time. */
export function dateTime(at: number): string {
  const date = new Date(at);
  const day = String(date.getUTCDate()).padStart(2, ' ');
  return `"${day}-${months[date.getUTCMonth()]}-${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} +0000"`;
}

const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** Puts messages into a folder of an IMAP server on loopback: plain text, all commands sent without waiting (LITERAL+, RFC 7888). */
export async function appendMail(target: AppendTarget, messages: Iterable<string | Uint8Array>): Promise<void> {
  const socket = connect(target.port, '127.0.0.1');
  let replies = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    replies += chunk;
  });
  const ended = new Promise<void>((resolve, reject) => {
    socket.once('close', resolve);
    socket.once('error', reject);
  });
  // Awaited at the end; a failure before that must not count as unhandled.
  ended.catch(() => {});

  async function write(data: string | Uint8Array): Promise<void> {
    if (!socket.write(data)) await Promise.race([once(socket, 'drain'), ended]);
  }

  // The login process takes no more than a few kilobytes of what follows a LOGIN.
  await write(`l LOGIN ${quote(target.user)} ${quote(target.password)}\r\n`);
  while (!/^l /m.test(replies) && !socket.closed) await Promise.race([once(socket, 'data'), ended]);
  if (target.folder !== 'INBOX') await write(`c CREATE ${quote(target.folder)}\r\n`);
  const facts = `${target.isRead ? '(\\Seen) ' : ''}${target.receivedAt === undefined ? '' : `${dateTime(target.receivedAt)} `}`;
  for (const message of messages) {
    const bytes = Buffer.from(message);
    await write(`a APPEND ${quote(target.folder)} ${facts}{${bytes.length}+}\r\n`);
    await write(bytes);
    await write('\r\n');
  }
  await write('q LOGOUT\r\n');
  await ended;
  const refused = replies.match(/^[la] (NO|BAD) .*$/m);
  if (refused !== null || !/^q OK/m.test(replies))
    throw new Error(`Mail could not be put in: ${refused?.[0] ?? replies}`);
}
