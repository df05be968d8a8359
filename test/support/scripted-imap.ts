import { createServer, type Socket } from 'node:net';
import type { SettingsOf } from '../../src/domain/connection';

/** Answers one command: the text to send, or nothing when it took care of that itself. */
export type Reply = (tag: string, args: string, socket: Socket) => string | undefined;

export interface Script {
  /** Null: says nothing. */
  greeting?: string | null;
  /** What CAPABILITY tells, after IMAP4rev1. */
  capabilities?: string;
  /** By command in lower case, UID included: `uid fetch`. What is not here is answered like a small, decent server with an empty inbox. */
  on?: Readonly<Record<string, Reply>>;
  /** Instead of all of the above. */
  connected?: (socket: Socket) => void;
}

export interface ScriptedImap {
  port: number;
  /** Every command that came, without its tag. */
  commands: string[];
  stop(): Promise<void>;
}

/** An IMAP server in clear text on loopback that does what a script says, however wrong. */
export async function scriptedImap({
  greeting = '* OK ready',
  capabilities = '',
  on = {},
  connected,
}: Script): Promise<ScriptedImap> {
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const decent: Record<string, Reply> = {
    capability: (tag) => `* CAPABILITY IMAP4rev1 ${capabilities}\r\n${tag} OK done`,
    login: (tag) => `${tag} OK signed in`,
    namespace: (tag) => `* NAMESPACE (("" "/")) NIL NIL\r\n${tag} OK done`,
    list: (tag) => `* LIST () "/" INBOX\r\n${tag} OK done`,
    lsub: (tag) => `${tag} OK done`,
    select: (tag) => `${inbox(0, 1)}${tag} OK [READ-WRITE] open`,
    'uid fetch': (tag) => `${tag} OK done`,
    noop: (tag) => `${tag} OK done`,
    logout: (tag) => `* BYE\r\n${tag} OK bye`,
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    if (connected !== undefined) {
      connected(socket);
      return;
    }
    if (greeting !== null) socket.write(`${greeting}\r\n`);
    let buffered = '';
    socket.on('data', (chunk) => {
      buffered += chunk.toString('latin1');
      for (let end = buffered.indexOf('\r\n'); end >= 0; end = buffered.indexOf('\r\n')) {
        const line = buffered.slice(0, end);
        buffered = buffered.slice(end + 2);
        const [, tag = '', command = '', args = ''] = /^(\S+) ((?:UID )?\S+) ?(.*)$/.exec(line) ?? [];
        commands.push(`${command} ${args}`.trim());
        const name = command.toLowerCase();
        const reply = on[name] ?? decent[name] ?? ((same) => `${same} BAD what?`);
        const text = reply(tag, args, socket);
        if (text !== undefined) socket.write(`${text}\r\n`, 'latin1');
      }
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    commands,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What SELECT tells of a folder. */
export const inbox = (exists: number, uidNext: number, validity: number | null = 7) =>
  `* FLAGS (\\Seen \\Deleted)\r\n* ${exists} EXISTS\r\n${validity === null ? '' : `* OK [UIDVALIDITY ${validity}] valid\r\n`}* OK [UIDNEXT ${uidNext}] next\r\n`;

/** Settings for a scripted server. */
export function scriptedSettings(port: number, changes: Partial<SettingsOf<'imap'>> = {}): SettingsOf<'imap'> {
  return {
    provider: 'imap',
    name: 'Test',
    description: '',
    intervalMinutes: 1,
    timeoutMs: 2_000,
    largestMailMb: 1,
    target: { projectId: '1', issueTypeId: '1' },
    encryption: 'none',
    host: 'localhost',
    port,
    username: 'alice',
    folder: '',
    afterDownload: 'mark-read',
    moveTo: '',
    privateCa: '',
    ...changes,
  };
}
