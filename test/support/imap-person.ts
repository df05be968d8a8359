import { connect } from 'node:net';

export interface PersonTarget {
  port: number;
  user: string;
  password: string;
}

/** Somebody who works in a mailbox with a mail program of their own: plain IMAP, one command after the other, on loopback. */
export interface ImapPerson {
  /** Sends a command; bytes are sent as a literal. @returns the untagged answers @throws Error with the server's words when it refuses */
  command(...parts: (string | Uint8Array)[]): Promise<string[]>;
  close(): Promise<void>;
}

export const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;

export async function imapPerson({ port, user, password }: PersonTarget): Promise<ImapPerson> {
  const socket = connect(port, '127.0.0.1').setNoDelay();
  let received = '';
  let isOver = false;
  let wake = () => {};
  socket.setEncoding('latin1').on('data', (chunk) => {
    received += chunk;
    wake();
  });
  socket
    .on('error', () => {})
    .once('close', () => {
      isOver = true;
      wake();
    });

  /** Waits until what came has a line like this, and takes all up to it. */
  async function until(line: RegExp): Promise<string> {
    for (;;) {
      const found = line.exec(received);
      if (found !== null) {
        const end = found.index + found[0].length;
        const text = received.slice(0, end);
        received = received.slice(end);
        return text;
      }
      if (isOver) throw new Error(`The server ended the session: ${received}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  let count = 0;
  async function command(...parts: (string | Uint8Array)[]): Promise<string[]> {
    count += 1;
    const tag = `p${count}`;
    socket.write(`${tag} `);
    for (const part of parts) {
      if (typeof part === 'string') {
        socket.write(part);
      } else {
        // Not every server knows LITERAL+ (RFC 7888).
        socket.write(`{${part.byteLength}}\r\n`);
        const answer = await until(new RegExp(`^(\\+|${tag}) .*\r\n`, 'm'));
        if (!/^\+ .*$/m.test(answer)) throw new Error(`${parts[0]}: ${answer}`);
        socket.write(part);
      }
    }
    socket.write('\r\n');
    const answer = await until(new RegExp(`^${tag} .*\r\n`, 'm'));
    const lines = answer.trimEnd().split('\r\n');
    const last = lines.pop() ?? '';
    if (!last.startsWith(`${tag} OK`)) throw new Error(`${parts[0]}: ${last}`);
    return lines;
  }

  await until(/^\* .*\r\n/m);
  await command(`LOGIN ${quoted(user)} ${quoted(password)}`);
  return {
    command,
    async close() {
      if (!isOver) await command('LOGOUT').catch(() => {});
      socket.destroy();
    },
  };
}
