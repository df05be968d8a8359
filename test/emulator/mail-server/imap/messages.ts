import type { StoredMessage } from '../mail-store';
import { type Call, type Command, Refusal, selectedOf, textOf } from './connection';
import { namedFolder, normalFlag } from './folders';
import { formatSet, inSet, parseSet } from './sets';

/** The messages that a command's first argument names, with their sequence numbers; what is gone is left out. */
export function namedMessages({ connection, args, byUid }: Call): { sequence: number; message: StoredMessage }[] {
  const { folder, uids } = selectedOf(connection);
  const ranges = parseSet(textOf(args[0]));
  if (ranges === undefined) throw new Refusal('BAD', 'A sequence set was expected');
  const matches = inSet(ranges, byUid ? (uids.at(-1) ?? 0) : uids.length);
  return uids.flatMap((uid, index) => {
    const message = folder.messages.get(uid);
    return message !== undefined && matches(byUid ? uid : index + 1) ? [{ sequence: index + 1, message }] : [];
  });
}

function writable({ connection }: Call) {
  const selected = selectedOf(connection);
  if (selected.readOnly) throw new Refusal('NO', '[READ-ONLY] The mailbox was opened to be read only');
  return selected;
}

/** Changes flags of one message and remembers that the client knows. */
export function changeFlags(call: Call, message: StoredMessage, flags: readonly string[]): void {
  const { folder, told } = selectedOf(call.connection);
  if (flags.length === message.flags.length && flags.every((flag) => message.flags.includes(flag))) return;
  call.connection.store.setFlags(folder, message.uid, flags);
  told.set(message.uid, folder.revision);
}

export const store: Command = (call) => {
  const { folder } = writable(call);
  const item = /^([+-]?)FLAGS(\.SILENT)?$/i.exec(textOf(call.args[1]));
  if (item === null) throw new Refusal('BAD', 'STORE knows FLAGS only');
  const rest = call.args.slice(2);
  const given = (rest[0]?.type === 'list' ? rest[0].items : rest).map((flag) => normalFlag(textOf(flag)));
  for (const { sequence, message } of namedMessages(call)) {
    const others = message.flags.filter((flag) => !given.includes(flag));
    changeFlags(
      call,
      message,
      item[1] === '-' ? others : item[1] === '+' ? [...others, ...given] : [...new Set(given)],
    );
    const flags = folder.messages.get(message.uid)?.flags ?? [];
    const uid = call.byUid ? `UID ${message.uid} ` : '';
    if (item[2] === undefined) call.connection.untagged(`${sequence} FETCH (${uid}FLAGS (${flags.join(' ')}))`);
  }
  return 'STORE completed';
};

/** Plain EXPUNGE takes every deleted message; UID EXPUNGE only those of its set (RFC 4315 §2.1). */
export const expunge: Command = (call) => {
  const { folder } = writable(call);
  const named = call.byUid ? namedMessages(call).map(({ message }) => message) : [...folder.messages.values()];
  const deleted = named.filter(({ flags }) => flags.includes('\\Deleted'));
  if (deleted.length > 0)
    call.connection.store.expunge(
      folder,
      deleted.map(({ uid }) => uid),
    );
  return 'EXPUNGE completed';
};

export const copy: Command = (call) => {
  const to = namedFolder(call.connection, call.args[1], '[TRYCREATE]');
  const messages = namedMessages(call).map(({ message }) => message);
  const { store } = call.connection;
  const uids = messages.map((message) => store.append(to, store.raw(message), message.receivedAt, message.flags));
  return `${copied(to.uidValidity, messages, uids)}COPY completed`;
};

/** RFC 6851: COPYUID comes untagged, before the messages vanish from here. */
export const move: Command = (call) => {
  const { folder } = writable(call);
  const to = namedFolder(call.connection, call.args[1], '[TRYCREATE]');
  const messages = namedMessages(call).map(({ message }) => message);
  const moved = messages.map(({ uid }) => uid);
  const uids = moved.length === 0 ? [] : call.connection.store.move(folder, moved, to);
  if (uids.length > 0) call.connection.untagged(`OK ${copied(to.uidValidity, messages, uids)}Moved`);
  return 'MOVE completed';
};

const copied = (uidValidity: number, from: readonly StoredMessage[], uids: readonly number[]): string =>
  uids.length === 0 ? '' : `[COPYUID ${uidValidity} ${formatSet(from.map(({ uid }) => uid))} ${formatSet(uids)}] `;
