import type { StoredMessage } from '../mail-store';
import { type Command, Refusal, selectedOf, textOf } from './connection';
import { headerFields, splitMessage } from './headers';
import { inSet, parseSet } from './sets';
import type { Token } from './wire';

interface Candidate {
  sequence: number;
  message: StoredMessage;
  raw(): Uint8Array;
}
type Test = (candidate: Candidate) => boolean;

/** RFC 3501 §6.4.4. */
export const search: Command = ({ connection, args, byUid }) => {
  const { folder, uids } = selectedOf(connection);
  const keys = args[0]?.type === 'atom' && args[0].text.toUpperCase() === 'CHARSET' ? args.slice(2) : args;
  if (keys.length === 0) throw new Refusal('BAD', 'SEARCH needs a key');
  const test = allOf([...keys], { largestUid: uids.at(-1) ?? 0, count: uids.length });
  const found = uids.flatMap((uid, index) => {
    const message = folder.messages.get(uid);
    if (message === undefined) return [];
    const matches = test({ sequence: index + 1, message, raw: () => connection.store.raw(message) });
    return matches ? [byUid ? uid : index + 1] : [];
  });
  connection.untagged(['SEARCH', ...found].join(' '));
  return 'SEARCH completed';
};

interface Numbers {
  largestUid: number;
  count: number;
}

function allOf(tokens: Token[], numbers: Numbers): Test {
  const tests: Test[] = [];
  while (tokens.length > 0) tests.push(nextKey(tokens, numbers));
  return (candidate) => tests.every((test) => test(candidate));
}

const flagged =
  (flag: string, wanted: boolean): Test =>
  ({ message }) =>
    message.flags.includes(flag) === wanted;

const plainKeys: Record<string, Test> = {
  ALL: () => true,
  OLD: () => true,
  NEW: () => false,
  RECENT: () => false,
  ANSWERED: flagged('\\Answered', true),
  DELETED: flagged('\\Deleted', true),
  DRAFT: flagged('\\Draft', true),
  FLAGGED: flagged('\\Flagged', true),
  SEEN: flagged('\\Seen', true),
  UNANSWERED: flagged('\\Answered', false),
  UNDELETED: flagged('\\Deleted', false),
  UNDRAFT: flagged('\\Draft', false),
  UNFLAGGED: flagged('\\Flagged', false),
  UNSEEN: flagged('\\Seen', false),
};

const day = 24 * 60 * 60_000;

function nextKey(tokens: Token[], numbers: Numbers): Test {
  const token = tokens.shift();
  if (token?.type === 'list') return allOf([...token.items], numbers);
  const key = textOf(token).toUpperCase();
  const plain = plainKeys[key];
  if (plain !== undefined) return plain;
  const argument = () => textOf(tokens.shift());
  const header = (name: string, text: string): Test => {
    const wanted = text.toLowerCase();
    return ({ raw }) =>
      headerFields(splitMessage(raw()).header).some(
        (field) => field.name === name && field.value.toLowerCase().includes(wanted),
      );
  };
  switch (key) {
    case 'NOT': {
      const test = nextKey(tokens, numbers);
      return (candidate) => !test(candidate);
    }
    case 'OR': {
      const tests = [nextKey(tokens, numbers), nextKey(tokens, numbers)];
      return (candidate) => tests.some((test) => test(candidate));
    }
    case 'UID': {
      const matches = setTest(argument(), numbers.largestUid);
      return ({ message }) => matches(message.uid);
    }
    case 'KEYWORD':
    case 'UNKEYWORD':
      return flagged(argument(), key === 'KEYWORD');
    case 'LARGER':
    case 'SMALLER': {
      const size = Number(argument());
      return ({ message }) => (key === 'LARGER' ? message.size > size : message.size < size);
    }
    case 'SINCE':
    case 'BEFORE':
    case 'ON':
      return dateTest(key, argument(), ({ message }) => message.receivedAt);
    case 'SENTSINCE':
    case 'SENTBEFORE':
    case 'SENTON':
      return dateTest(key.slice(4), argument(), ({ raw }) =>
        Date.parse(headerFields(splitMessage(raw()).header).find(({ name }) => name === 'date')?.value ?? ''),
      );
    case 'FROM':
    case 'TO':
    case 'CC':
    case 'BCC':
    case 'SUBJECT':
      return header(key.toLowerCase(), argument());
    case 'HEADER':
      return header(argument().toLowerCase(), argument());
    case 'BODY':
    case 'TEXT': {
      const wanted = argument().toLowerCase();
      return ({ raw }) => {
        const bytes = key === 'TEXT' ? raw() : splitMessage(raw()).body;
        return Buffer.from(bytes).toString('latin1').toLowerCase().includes(wanted);
      };
    }
    default: {
      const matches = setTest(key, numbers.count);
      return ({ sequence }) => matches(sequence);
    }
  }
}

function setTest(text: string, largest: number): (number: number) => boolean {
  const ranges = parseSet(text);
  if (ranges === undefined) throw new Refusal('BAD', `SEARCH does not know ${text}`);
  return inSet(ranges, largest);
}

/** Days, without regard to the time of day. */
function dateTest(key: string, text: string, read: (candidate: Candidate) => number): Test {
  const start = Date.parse(`${text.replaceAll('-', ' ')} UTC`);
  if (Number.isNaN(start)) throw new Refusal('BAD', 'The date is not understood');
  return (candidate) => {
    const time = read(candidate);
    if (key === 'SINCE') return time >= start;
    return key === 'BEFORE' ? time < start : time >= start && time < start + day;
  };
}
