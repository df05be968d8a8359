import type { Socket } from 'node:net';
import { inbox, type Reply } from './scripted-imap';

/** A message in a scripted folder. */
export interface ScriptedMessage {
  flags: Set<string>;
  raw: string;
  /** What the server says of its size; default: the truth. */
  size?: number;
  /** As INTERNALDATE tells it, in quotes; default: the same for all. */
  date?: string;
}

export interface ScriptedFolder {
  messages: Map<number, ScriptedMessage>;
  validity: number;
  uidNext: number;
  on: Record<string, Reply>;
  /** The row of a message with the items that were asked for. */
  row(uid: number, items: string): string;
}

export const mailText = (subject: string, body = 'Hi.') =>
  `From: Ann <ann@example.com>\r\nTo: desk@example.com\r\nSubject: ${subject}\r\n\r\n${body}\r\n`;

const monthsAgo = '"01-Nov-2026 10:00:00 +0000"';

/** UIDs of a set such as `1:3,7` that a predicate lets through. */
export const chosenIn = (set: string, uids: Iterable<number>): number[] =>
  [...uids].filter((uid) =>
    set.split(',').some((run) => {
      const [from = 0, to = from] = run.split(':').map(Number);
      return uid >= Math.min(from, to) && uid <= Math.max(from, to);
    }),
  );

/** An inbox that keeps its messages, and answers SELECT, STATUS, FETCH, SEARCH, STORE and EXPUNGE as it should. */
export function scriptedFolder(uids: readonly number[]): ScriptedFolder {
  const messages = new Map<number, ScriptedMessage>(
    uids.map((uid) => [uid, { flags: new Set<string>(), raw: mailText(`mail ${uid}`) }]),
  );
  const folder: ScriptedFolder = {
    messages,
    validity: 7,
    uidNext: Math.max(0, ...uids) + 1,
    row(uid, items) {
      const message = messages.get(uid);
      if (message === undefined) return '';
      const { flags, raw, size = raw.length, date = monthsAgo } = message;
      const header = raw.slice(0, raw.indexOf('\r\n\r\n') + 4);
      const part = /BODY\.PEEK\[\]<(\d+)\.(\d+)>/.exec(items);
      const cut = part === null ? raw : raw.slice(Number(part[1]), Number(part[1]) + Number(part[2]));
      const told = [
        `UID ${uid}`,
        items.includes('FLAGS') ? `FLAGS (${[...flags].join(' ')})` : '',
        items.includes('INTERNALDATE') ? `INTERNALDATE ${date}` : '',
        items.includes('RFC822.SIZE') ? `RFC822.SIZE ${size}` : '',
        items.includes('HEADER.FIELDS') ? `BODY[HEADER.FIELDS (FROM SUBJECT)] {${header.length}}\r\n${header}` : '',
        items.includes('BODY.PEEK[]') ? `BODY[]${part === null ? '' : `<${part[1]}>`} {${cut.length}}\r\n${cut}` : '',
      ];
      return `* ${[...messages.keys()].indexOf(uid) + 1} FETCH (${told.filter(Boolean).join(' ')})\r\n`;
    },
    on: {
      select: (tag) => `${inbox(messages.size, folder.uidNext, folder.validity)}${tag} OK [READ-WRITE] open`,
      status: (tag) => {
        const unseen = [...messages.values()].filter(({ flags }) => !flags.has('\\Seen')).length;
        const { validity, uidNext } = folder;
        return `* STATUS INBOX (MESSAGES ${messages.size} UNSEEN ${unseen} UIDNEXT ${uidNext} UIDVALIDITY ${validity})\r\n${tag} OK done`;
      },
      fetch: (tag, args) => {
        const [set = '', ...items] = args.split(' ');
        const all = [...messages.keys()];
        const rows = chosenIn(
          set,
          all.map((_, index) => index + 1),
        ).map((number) => folder.row(all[number - 1] ?? 0, items.join(' ')));
        return `${rows.join('')}${tag} OK done`;
      },
      'uid fetch': (tag, args) => {
        const [set = '', ...items] = args.split(' ');
        return `${chosenIn(set, messages.keys())
          .map((uid) => folder.row(uid, items.join(' ')))
          .join('')}${tag} OK done`;
      },
      'uid search': (tag, args) => {
        const [, set = '1:4294967295'] = /UID ([\d:,]+)/.exec(args) ?? [];
        const isHit = (uid: number) => {
          const flags = messages.get(uid)?.flags ?? new Set();
          const wants = (key: string, flag: string) =>
            (!new RegExp(`(^| )${key}( |$)`).test(args) || flags.has(flag)) &&
            (!new RegExp(`(^| )UN${key}( |$)`).test(args) || !flags.has(flag));
          return wants('SEEN', '\\Seen') && wants('DELETED', '\\Deleted');
        };
        const found = chosenIn(set, messages.keys()).filter(isHit);
        return `* SEARCH${found.map((uid) => ` ${uid}`).join('')}\r\n${tag} OK done`;
      },
      'uid store': (tag, args) => {
        const [set = '', sign = '', ...flags] = args.split(' ');
        for (const uid of chosenIn(set, messages.keys()))
          for (const flag of flags.join(' ').replace(/[()]/g, '').split(' '))
            if (sign.startsWith('+')) messages.get(uid)?.flags.add(flag);
            else messages.get(uid)?.flags.delete(flag);
        return `${tag} OK done`;
      },
      'uid expunge': (tag, args) => {
        for (const uid of chosenIn(args, messages.keys()))
          if (messages.get(uid)?.flags.has('\\Deleted')) messages.delete(uid);
        return `${tag} OK done`;
      },
    },
  };
  return folder;
}

/** The same replies, with something put in front of those to some commands, or behind their rows. */
export function withNoise(
  { on }: ScriptedFolder,
  commands: readonly string[],
  noise: (args: string, command: string) => { before?: string; after?: string } | undefined,
): Record<string, Reply> {
  const noisy = commands.map((command): [string, Reply] => [
    command,
    (tag: string, args: string, socket: Socket) => {
      const { before = '', after = '' } = noise(args, command) ?? {};
      const answer = on[command]?.(tag, args, socket) ?? `${tag} OK done`;
      const end = answer.lastIndexOf(tag);
      return `${before}${answer.slice(0, end)}${after}${answer.slice(end)}`;
    },
  ]);
  return { ...on, ...Object.fromEntries(noisy) };
}

/** Adds a message as it would come in. */
export function deliver(folder: ScriptedFolder, subject: string, changes: Partial<ScriptedMessage> = {}): number {
  const uid = folder.uidNext;
  folder.uidNext += 1;
  folder.messages.set(uid, { flags: new Set(), raw: mailText(subject), ...changes });
  return uid;
}
