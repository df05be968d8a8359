import type { MailFolder } from '../mail-store';
import { accountOf, type Call, type Command, type Connection, Refusal, selectedOf, textOf } from './connection';
import { decodeName, encodeName, quoted, type Token } from './wire';

const systemFlags = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'];
const specialUses: Record<string, string> = { Archive: '\\Archive', Trash: '\\Trash' };

/** A flag as it is kept: the system's own are known in any case. */
export const normalFlag = (flag: string): string => {
  const system = systemFlags.find((known) => known.toLowerCase() === flag.toLowerCase());
  if (system === undefined && flag.startsWith('\\')) throw new Refusal('NO', `${flag} can't be set`);
  return system ?? flag;
};

/** The folder that an argument names. @throws Refusal NO; with TRYCREATE where a copy would create it (RFC 3501 §6.4.7) */
export function namedFolder(connection: Connection, token: Token | undefined, code = '[NONEXISTENT]'): MailFolder {
  const folder = connection.store.folder(accountOf(connection), decodeName(textOf(token)));
  if (folder === undefined) throw new Refusal('NO', `${code} There is no such mailbox`);
  return folder;
}

export const list: Command = (call) => listed(call, 'LIST');
export const lsub: Command = (call) => listed(call, 'LSUB');

function listed({ connection, args }: Call, word: 'LIST' | 'LSUB'): string {
  const account = accountOf(connection);
  const pattern = textOf(args[1]);
  if (pattern === '') connection.untagged(`${word} (\\Noselect) "/" ""`);
  const matches = patternTest(decodeName(textOf(args[0]) + pattern));
  const folders = connection.store.folders(account);
  for (const { path } of pattern === '' ? [] : folders.filter((folder) => matches(folder.path))) {
    const children = folders.some((other) => other.path.startsWith(`${path}/`));
    const flags = [children ? '\\HasChildren' : '\\HasNoChildren', ...(specialUses[path] ? [specialUses[path]] : [])];
    connection.untagged(`${word} (${flags.join(' ')}) "/" ${quoted(encodeName(path))}`);
  }
  return `${word} completed`;
}

/** "*" stands for anything, "%" for anything within a level. */
function patternTest(pattern: string): (path: string) => boolean {
  const source = pattern.replace(/[.*+?^${}()|[\]\\%]/g, (character) => {
    if (character === '*') return '.*';
    return character === '%' ? '[^/]*' : `\\${character}`;
  });
  const test = new RegExp(`^${source}$`, 'su');
  return (path) => test.test(path) || (path === 'INBOX' && new RegExp(`^${source}$`, 'isu').test(path));
}

export const subscribe: Command = ({ connection, args }) => {
  namedFolder(connection, args[0]);
  return 'Every mailbox is subscribed';
};

export const create: Command = ({ connection, args }) => {
  const account = accountOf(connection);
  const levels = decodeName(textOf(args[0]))
    .split('/')
    .filter((level) => level !== '');
  if (levels.length === 0) throw new Refusal('NO', '[CANNOT] A mailbox needs a name');
  if (connection.store.folder(account, levels.join('/')) !== undefined) {
    throw new Refusal('NO', '[ALREADYEXISTS] The mailbox exists');
  }
  for (const [index] of levels.entries()) {
    const path = levels.slice(0, index + 1).join('/');
    if (connection.store.folder(account, path) === undefined) connection.store.createFolder(account, path);
  }
  return 'CREATE completed';
};

export const remove: Command = ({ connection, args }) => {
  const folder = namedFolder(connection, args[0]);
  if (folder.path === 'INBOX') throw new Refusal('NO', '[CANNOT] INBOX stays');
  connection.store.removeFolder(folder);
  return 'DELETE completed';
};

export const rename: Command = ({ connection, args }) => {
  const folder = namedFolder(connection, args[0]);
  const to = decodeName(textOf(args[1]));
  if (folder.path === 'INBOX') throw new Refusal('NO', '[CANNOT] INBOX stays');
  if (connection.store.folder(folder.account, to) !== undefined) {
    throw new Refusal('NO', '[ALREADYEXISTS] The mailbox exists');
  }
  const inside = connection.store.folders(folder.account).filter(({ path }) => path.startsWith(`${folder.path}/`));
  const from = folder.path;
  for (const each of [folder, ...inside]) connection.store.renameFolder(each, to + each.path.slice(from.length));
  return 'RENAME completed';
};

const unseen = ({ messages }: MailFolder) => [...messages.values()].filter(({ flags }) => !flags.includes('\\Seen'));

export const status: Command = ({ connection, args }) => {
  const folder = namedFolder(connection, args[0]);
  const items = args[1];
  if (items?.type !== 'list') throw new Refusal('BAD', 'STATUS needs a list of items');
  const { uidNext, uidValidity, messages } = folder;
  const values = new Map([
    ['MESSAGES', messages.size],
    ['RECENT', 0],
    ['UIDNEXT', uidNext],
    ['UIDVALIDITY', uidValidity],
    ['UNSEEN', unseen(folder).length],
  ]);
  const shown = items.items.map((item) => {
    const name = textOf(item).toUpperCase();
    const value = values.get(name);
    if (value === undefined) throw new Refusal('BAD', `STATUS does not know ${name}`);
    return `${name} ${value}`;
  });
  connection.untagged(`STATUS ${quoted(encodeName(folder.path))} (${shown.join(' ')})`);
  return 'STATUS completed';
};

export const select: Command = (call) => opened(call, false);
export const examine: Command = (call) => opened(call, true);

function opened({ connection, args }: Call, readOnly: boolean): string {
  // RFC 3501 §6.3.1: a SELECT that fails leaves no mailbox selected.
  connection.selected = null;
  const folder = namedFolder(connection, args[0]);
  const uids = [...folder.messages.keys()];
  const firstUnseen = uids.indexOf(unseen(folder)[0]?.uid ?? -1);
  connection.untagged(`FLAGS (${systemFlags.join(' ')})`);
  connection.untagged(`OK [PERMANENTFLAGS (${readOnly ? '' : `${systemFlags.join(' ')} \\*`})] Flags that are kept`);
  connection.untagged(`${uids.length} EXISTS`);
  connection.untagged('0 RECENT');
  if (firstUnseen >= 0) connection.untagged(`OK [UNSEEN ${firstUnseen + 1}] The first unread message`);
  connection.untagged(`OK [UIDVALIDITY ${folder.uidValidity}] UIDs are valid`);
  connection.untagged(`OK [UIDNEXT ${folder.uidNext}] The next UID`);
  connection.selected = { folder, readOnly, uids, revision: folder.revision, told: new Map() };
  return readOnly ? '[READ-ONLY] EXAMINE completed' : '[READ-WRITE] SELECT completed';
}

/** RFC 3501 §6.4.2: messages marked as deleted go without a word. */
export const close: Command = ({ connection }) => {
  const { folder, readOnly } = selectedOf(connection);
  const deleted = [...folder.messages.values()].filter(({ flags }) => flags.includes('\\Deleted'));
  if (!readOnly && deleted.length > 0)
    connection.store.expunge(
      folder,
      deleted.map(({ uid }) => uid),
    );
  connection.selected = null;
  return 'CLOSE completed';
};

export const append: Command = ({ connection, args }) => {
  const folder = namedFolder(connection, args[0], '[TRYCREATE]');
  const content = args.at(-1);
  const flags = args.slice(1, -1).find((arg) => arg.type === 'list');
  const date = args.slice(1, -1).find((arg) => arg.type === 'string');
  if (args.length < 2 || content?.type !== 'string') throw new Refusal('BAD', 'APPEND needs a message');
  const receivedAt =
    date === undefined
      ? Date.now()
      : Date.parse(
          textOf(date)
            .trim()
            .replaceAll('-', ' ')
            .replace(/ (\d{4})$/, ' -$1'),
        );
  if (Number.isNaN(receivedAt)) throw new Refusal('BAD', 'The date is not understood');
  const kept = flags?.type === 'list' ? flags.items.map((flag) => normalFlag(textOf(flag))) : [];
  const uid = connection.store.append(folder, content.bytes, receivedAt, kept);
  return `[APPENDUID ${folder.uidValidity} ${uid}] APPEND completed`;
};
