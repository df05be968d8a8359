import * as z from 'zod';
import { AppError } from '../domain/app-error';
import type { Part } from './parts';
import type { LoggedLine } from './protocol-log';
import { fromWireError, toWireError, type WireError, wireError, wireProtocol } from './wire';

/**
 * The answer to `fetch`: frames of two 32-bit lengths (big-endian), a header in JSON and raw bytes. The last frame is `end`
 * or `error`; an answer without one was cut. Before it stands `protocol`, where the request asked for it. No base64: mail is most of what the gateway moves.
 */

const prefixBytes = 8;
const handle = z.string();

const header = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('part'), handle, last: z.boolean() }),
  z.strictObject({ type: z.enum(['gone', 'withheld']), handle }),
  z.strictObject({ type: z.literal('too-large'), handle, size: z.number() }),
  z.strictObject({ type: z.literal('protocol'), lines: wireProtocol }),
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

export interface Decoded {
  parts: Part[];
  /** What ended the answer early. */
  error: AppError | null;
  protocol: LoggedLine[];
}

/** @throws AppError `gateway-cut` when the answer is not whole */
export function decodeFrames(bytes: Uint8Array): Decoded {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Part[] = [];
  let protocol: LoggedLine[] = [];
  for (let at = 0; at + prefixBytes <= view.length; ) {
    const bodyAt = at + prefixBytes + view.readUInt32BE(at);
    const end = bodyAt + view.readUInt32BE(at + 4);
    if (end > view.length) break;
    const head = parseHeader(view.toString('utf8', at + prefixBytes, bodyAt));
    if (head.type === 'end') return { parts, error: null, protocol };
    if (head.type === 'error') return { parts, error: fromWireError(head.error), protocol };
    if (head.type === 'protocol') protocol = head.lines;
    else parts.push(asPart(head, view.subarray(bodyAt, end)));
    at = end;
  }
  throw new AppError('gateway-cut', 'transient', 'The answer of the gateway was cut. It is tried again.');
}

function parseHeader(json: string): Header {
  try {
    return header.parse(JSON.parse(json));
  } catch (cause) {
    const message =
      'The gateway answered something that this version of Letterbox does not understand. Update the gateway.';
    throw new AppError('gateway-broken', 'transient', message, { cause });
  }
}

function asPart(head: Exclude<Header, { type: 'end' | 'error' | 'protocol' }>, bytes: Uint8Array): Part {
  if (head.type === 'part') return { handle: head.handle, outcome: 'part', bytes, last: head.last };
  if (head.type === 'too-large') return { handle: head.handle, outcome: 'too-large', size: head.size };
  return { handle: head.handle, outcome: head.type };
}
