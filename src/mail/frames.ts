import * as z from 'zod';
import { AppError } from '../domain/app-error';
import { ticket } from './answer-terms';
import type { Part } from './parts';
import type { LoggedLine } from './protocol-log';
import { fromWireError, toWireError, type WireError, wireError, wireProtocol } from './wire';

/**
 * The answer to `fetch`: frames of two 32-bit lengths (big-endian), a header in JSON and raw bytes. The last frame is `end`
 * or `error`, or `continued` where the call had to end before the job did; an answer without one was cut. Before it stands `protocol`,
 * where the request asked for it. No base64: mail is most of what the gateway moves. For a way that carries nothing but JSON the same
 * frames go as `{"frames": [header, …]}`, whose `bytes` are base64.
 */

const prefixBytes = 8;
const handle = z.string();

const header = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('part'), handle, last: z.boolean() }),
  z.strictObject({ type: z.enum(['gone', 'withheld']), handle }),
  z.strictObject({ type: z.literal('too-large'), handle, size: z.number() }),
  z.strictObject({ type: z.literal('protocol'), lines: wireProtocol }),
  /** Every byte there is, first of all: shows whether the way carries bytes as they are. */
  z.strictObject({ type: z.literal('sample') }),
  z.strictObject({ type: z.literal('continued'), ticket }),
  z.strictObject({ type: z.literal('end') }),
  z.strictObject({ type: z.literal('error'), error: wireError }),
]);
type Header = z.output<typeof header>;

const noBytes = new Uint8Array();

function frame(head: Header, body: Uint8Array = noBytes): Uint8Array[] {
  const json = Buffer.from(JSON.stringify(head));
  const prefix = Buffer.allocUnsafe(prefixBytes);
  prefix.writeUInt32BE(json.length, 0);
  prefix.writeUInt32BE(body.length, 4);
  return [prefix, json, body];
}

/** What goes out at once: small frames are joined, since a write for each costs more than copying them. */
export function frameBuffer(chunkBytes = 128 * 1024) {
  let held: Uint8Array[] = [];
  let size = 0;
  /** All that is held, in pieces that are worth a write. */
  function flush(): Uint8Array[] {
    const pieces = held;
    held = [];
    size = 0;
    const large = pieces.at(-1);
    const written =
      large === undefined || large.length < chunkBytes
        ? [Buffer.concat(pieces)]
        : [Buffer.concat(pieces.slice(0, -1)), large];
    return written.filter(({ length }) => length > 0);
  }
  return {
    /** Takes a frame; answers what is to be written now, if anything. */
    add(pieces: readonly Uint8Array[]): Uint8Array[] {
      held.push(...pieces);
      size += pieces.reduce((sum, piece) => sum + piece.length, 0);
      return size < chunkBytes ? [] : flush();
    },
    flush,
  };
}

/** A frame in pieces, the body as it is. */
export function partFrame(part: Part): Uint8Array[] {
  if (part.outcome === 'part') return frame({ type: 'part', handle: part.handle, last: part.last }, part.bytes);
  if (part.outcome === 'too-large') return frame({ type: 'too-large', handle: part.handle, size: part.size });
  return frame({ type: part.outcome, handle: part.handle });
}

/** Only for a request that asks for it: an app of an older version does not know this frame. */
export const protocolFrame = (lines: LoggedLine[]): Uint8Array[] => frame({ type: 'protocol', lines });
export const endFrame = (): Uint8Array[] => frame({ type: 'end' });
/** `clean` takes out what must not be told. */
export const errorFrame = (error: AppError, clean = (told: WireError) => told): Uint8Array[] =>
  frame({ type: 'error', error: clean(toWireError(error)) });

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
export const sampleFrame = (): Uint8Array[] => frame({ type: 'sample' }, everyByte);
/** Only for a request that bounds its call by time. */
export const continuedFrame = (of: string): Uint8Array[] => frame({ type: 'continued', ticket: of });

/** Follows frames through chunks that are cut anywhere. */
export function frameFollower(): { add(chunk: Uint8Array): void; isBetweenFrames(): boolean } {
  const prefix = Buffer.alloc(prefixBytes);
  let known = 0;
  let left = 0;
  return {
    add(chunk) {
      for (let at = 0; at < chunk.length; ) {
        if (left > 0) {
          const step = Math.min(left, chunk.length - at);
          left -= step;
          at += step;
          continue;
        }
        prefix[known] = chunk[at] ?? 0;
        known += 1;
        at += 1;
        if (known < prefixBytes) continue;
        left = prefix.readUInt32BE(0) + prefix.readUInt32BE(4);
        known = 0;
      }
    },
    isBetweenFrames: () => known === 0 && left === 0,
  };
}

export interface Decoded {
  parts: Part[];
  /** What ended the answer early. */
  error: AppError | null;
  protocol: LoggedLine[];
  /** By which the rest of the answer is to be had; null when this is all. */
  ticket: string | null;
}

/** The way changed what it carries, or something else than the gateway answered: it may carry JSON. */
export class Garbled extends Error {}

/** The answer to `fetch` in the form that it came in. @throws Garbled, AppError `gateway-cut` when the answer is not whole */
export function decodeAnswer(bytes: Uint8Array): Decoded {
  return bytes[0] === openBrace ? decodeJson(bytes) : decodeFrames(bytes);
}

const openBrace = '{'.charCodeAt(0);

/** @throws Garbled, AppError `gateway-cut` when the answer is not whole */
export function decodeFrames(bytes: Uint8Array): Decoded {
  return decode(rawFrames(bytes));
}

/** The same frames for a way that carries JSON. */
export function jsonOfFrames(bytes: Uint8Array): string {
  const frames = [...rawFrames(bytes)].map(({ head, body }) => {
    const json = JSON.stringify(head);
    return body.length === 0 ? json : `${json.slice(0, -1)},"bytes":"${Buffer.from(body).toString('base64')}"}`;
  });
  return `{"frames":[${frames.join()}]}`;
}

const jsonAnswer = z.strictObject({ frames: z.array(z.looseObject({ bytes: z.string().optional() })) });

function decodeJson(bytes: Uint8Array): Decoded {
  let answer: z.output<typeof jsonAnswer>;
  try {
    answer = jsonAnswer.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    throw cutAnswer();
  }
  return decode(
    answer.frames.map(({ bytes: body = '', ...head }) => ({
      head: parseHeader(JSON.stringify(head)),
      body: Buffer.from(body, 'base64'),
    })),
  );
}

interface Frame {
  head: Header;
  body: Uint8Array;
}

/** Those that are whole. */
function* rawFrames(bytes: Uint8Array): Generator<Frame> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + prefixBytes <= view.length; ) {
    const bodyAt = at + prefixBytes + view.readUInt32BE(at);
    const end = bodyAt + view.readUInt32BE(at + 4);
    if (end > view.length) return;
    yield { head: parseHeader(view.toString('utf8', at + prefixBytes, bodyAt)), body: view.subarray(bodyAt, end) };
    at = end;
  }
}

function decode(frames: Iterable<Frame>): Decoded {
  const decoded: Decoded = { parts: [], error: null, protocol: [], ticket: null };
  for (const { head, body } of frames) {
    if (head.type === 'end') return decoded;
    if (head.type === 'error') return { ...decoded, error: fromWireError(head.error) };
    if (head.type === 'continued') return { ...decoded, ticket: head.ticket };
    if (head.type === 'protocol') decoded.protocol = head.lines;
    else if (head.type !== 'sample') decoded.parts.push(asPart(head, body));
    else if (Buffer.compare(body, everyByte) !== 0) throw new Garbled('The bytes of an answer came changed.');
  }
  throw cutAnswer();
}

const cutAnswer = () =>
  new AppError('gateway-cut', 'transient', 'The answer of the gateway was cut. It is tried again.');

function parseHeader(json: string): Header {
  try {
    return header.parse(JSON.parse(json));
  } catch (cause) {
    const message =
      'The gateway answered something that this version of Letterbox does not understand. Update the gateway.';
    throw new AppError('gateway-broken', 'transient', message, { cause });
  }
}

type PartHeader = Exclude<Header, { type: 'end' | 'error' | 'protocol' | 'sample' | 'continued' }>;

function asPart(head: PartHeader, bytes: Uint8Array): Part {
  if (head.type === 'part') return { handle: head.handle, outcome: 'part', bytes, last: head.last };
  if (head.type === 'too-large') return { handle: head.handle, outcome: 'too-large', size: head.size };
  return { handle: head.handle, outcome: head.type };
}
