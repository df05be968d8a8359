import { hash } from 'node:crypto';

/** A mailbox as STAT shows it, and its last message: while these are the same, so is the mailbox. */
export interface Quick {
  count: number;
  octets: number;
  /** Handle of the last message; empty for an empty mailbox. */
  last: string;
}

/**
 * Which messages of a mailbox were listed before, small enough for 250,000 of them.
 *
 * POP3 has no number that only grows: unique ids are any text, in any order, and other programs delete what they like. So
 * the ids themselves are kept, as hashes of 66 bits. Above `maxDigests` messages one digest stands for a block of
 * neighbours; blocks end where a hash says so, not after a fixed count, so a deletion spoils one block and not all after it.
 * What is left of a spoiled block counts as never listed: its messages are listed again, and receipts keep them from being
 * taken twice. The error goes only this way. The other one, new mail that counts as listed since its digest happens to be
 * there, would lose mail: its probability is 2 × 8,192 / 2^66 = 2^-52 for each new message.
 *
 * What has left the mailbox is forgotten with the next listing, so that its id names new mail when it is used again later.
 * A server that gives the unique id of one message to another one, while the first was there at the last listing, hides the
 * other (RFC 1939 §7 forbids that). Nothing that a poll asks for tells the two apart. The size of each message as a part of its
 * name would, mostly; but it takes a LIST of the whole mailbox whenever anything has changed, and a server whose sizes vary,
 * as some that convert mail for POP3 do, would have everything downloaded anew.
 */
export interface Seen {
  digests: ReadonlySet<string>;
  /** A block has 2^blockBits messages on average; 0: each message stands for itself. */
  blockBits: number;
  /** Set when every message was listed. */
  quick: Quick | null;
  /** Sizes of the first messages, as evidence that a mailbox without known ids is the same one with new ids. */
  witness: readonly number[];
  /** The mailbox is being listed from its beginning, and that is not finished. */
  catchingUp: boolean;
}

/** Eleven characters each: 88 KiB, which leaves room in a stored value of 240 KiB for what else a cursor holds. */
export const maxDigests = 8_192;
export const witnesses = 4;

const version = '1';
const digestLength = 11;
const longestBlockBits = 12;
const forgotten = '-'.repeat(digestLength);
const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Names a message by what identifies it: `u` by its unique id, `h` by its header. 128 bits of a hash: ids may be long, or hold anything. */
export function handleOf(kind: 'u' | 'h', identity: string | Uint8Array): string {
  return kind + hash('sha256', identity, 'base64url').slice(0, 22);
}

const single = (handle: string) => handle.slice(1, 1 + digestLength);
const longer = (run: string, handle: string) =>
  run === '' ? single(handle) : hash('sha256', run + handle, 'base64url').slice(0, digestLength);

/** Twelve bits of the handle that are not part of its digest. */
function endsBlock(handle: string, blockBits: number): boolean {
  const value = base64url.indexOf(handle.charAt(14)) * 64 + base64url.indexOf(handle.charAt(15));
  return value % 2 ** blockBits === 0;
}

export interface Recognised {
  /** One for each handle: true if it was listed before. */
  seen: boolean[];
  /** False if some of what was listed before is not recognised, and so may be among the rest. */
  whole: boolean;
}

/** Which of the messages, in the server's order, were listed before. */
export function recognise(
  handles: readonly string[],
  { digests, blockBits }: Pick<Seen, 'digests' | 'blockBits'>,
): Recognised {
  const seen = handles.map((handle) => digests.has(single(handle)));
  if (blockBits === 0) return { seen, whole: true };
  const matched = new Set(handles.map(single).filter((digest) => digests.has(digest)));
  let run = '';
  let start = 0;
  for (const [index, handle] of handles.entries()) {
    run = longer(run, handle);
    if (digests.has(run)) {
      matched.add(run);
      seen.fill(true, start, index + 1);
    }
    if (endsBlock(handle, blockBits)) {
      run = '';
      start = index + 1;
    }
  }
  return { seen, whole: matched.size === digests.size };
}

/** A digest for the known beginning of each block, and for each known message after a gap in one. */
function digestsOf(handles: readonly string[], seen: readonly boolean[], blockBits: number): Set<string> {
  const digests = new Set<string>();
  let run = '';
  let hasGap = false;
  for (const [index, handle] of handles.entries()) {
    if (seen[index] !== true) hasGap = true;
    else if (hasGap) digests.add(single(handle));
    else run = longer(run, handle);
    if (index !== handles.length - 1 && !endsBlock(handle, blockBits)) continue;
    if (run !== '') digests.add(run);
    run = '';
    hasGap = false;
  }
  return digests;
}

/** The state in which `seen` of these messages were listed. The same mailbox gives the same state, and so the same text. */
export function remember(
  handles: readonly string[],
  seen: readonly boolean[],
  rest: Pick<Seen, 'quick' | 'witness' | 'catchingUp'>,
  most = maxDigests,
): Seen {
  const count = seen.filter(Boolean).length;
  let blockBits = Math.max(0, Math.ceil(Math.log2(count / most)));
  let digests = digestsOf(handles, seen, blockBits);
  while (digests.size > most && blockBits < longestBlockBits) {
    blockBits += 1;
    digests = digestsOf(handles, seen, blockBits);
  }
  // Forgetting is safe: what is forgotten is listed again, and the mark, which no message has, tells that it may be.
  if (digests.size > most) digests = new Set([...[...digests].slice(0, most - 1), forgotten]);
  return { ...rest, blockBits, digests };
}

export function formatPosition({ digests, blockBits, quick, witness, catchingUp }: Seen): string {
  const mailbox = quick === null ? ['', '', ''] : [quick.count, quick.octets, quick.last];
  const flags = catchingUp ? 'c' : '';
  return [version, blockBits, flags, ...mailbox, witness.join(','), [...digests].sort().join('')].join(':');
}

/** Null when the text is none that this version wrote: then everything is listed again. */
export function parsePosition(text: string): Seen | null {
  const match = /^1:(\d{1,2}):(c?):(\d*):(\d*):([\w-]*):([\d,]*):([\w-]*)$/.exec(text);
  if (match === null) return null;
  const [, blockBits = '', flags, count = '', octets, last = '', witness = '', joined = ''] = match;
  const digests = new Set<string>();
  for (let at = 0; at < joined.length; at += digestLength) digests.add(joined.slice(at, at + digestLength));
  return {
    digests,
    blockBits: Number(blockBits),
    quick: count === '' ? null : { count: Number(count), octets: Number(octets), last },
    witness: witness === '' ? [] : witness.split(',').map(Number),
    catchingUp: flags === 'c',
  };
}
