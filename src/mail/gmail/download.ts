import { AppError } from '../../domain/app-error';
import type { Fetched } from '../../domain/ports';
import { type HttpApi, parseJson } from '../http';
import { inOrder } from '../in-order';
import { callAll } from './batch';
import { isLeftOut, mailboxPath, rawMessageSchema, withQuery } from './gmail-api';
import { readFacts } from './message-facts';

/** Mail that is fetched with one request; a batch can't be dropped half-way like a single message. Bytes. */
const batchBytes = 4 * 1024 * 1024;
/** Gmail counts the calls of a batch as if they came at once. */
const batchCount = 20;
/** Requests under way, and the mail that may stand in memory because of them (bytes). */
const parallel = 2;
const mostBytes = 32 * 1024 * 1024;

interface Group {
  handles: string[];
  size: number;
}

/**
 * The raw messages in the order of their handles (`messages.get`, format=raw): small ones together, large ones alone.
 * What was thrown into the trash since it was listed is gone.
 * @param sizes in bytes, as far as they are known; the others are asked for first
 */
export async function* download(
  api: HttpApi,
  label: string,
  sizes: Map<string, number>,
  handles: readonly string[],
  maxBytes: number,
): AsyncGenerator<Fetched> {
  const unknown = handles.filter((handle) => !sizes.has(handle));
  const facts = await readFacts(api, unknown);
  for (const [id, message] of facts) if (!(message instanceof AppError)) sizes.set(id, message.sizeEstimate);
  // What Gmail had trouble with is asked for alone, and says so itself.
  const sizeOf = (handle: string) => sizes.get(handle) ?? (facts.has(handle) ? batchBytes : undefined);
  const isTooLarge = (handle: string) => (sizes.get(handle) ?? 0) > maxBytes;
  const present = handles.filter((handle) => sizeOf(handle) !== undefined && !isTooLarge(handle));
  const groups = group(present, (handle) => sizeOf(handle) ?? 0);
  const fetched = inOrder(groups, { parallel, weight: (one) => one.size, maxWeight: mostBytes }, (one, signal) =>
    readGroup(api, label, one, maxBytes, signal),
  );
  let ready: Fetched[] = [];
  try {
    for (const handle of handles) {
      const size = sizeOf(handle);
      if (size === undefined) yield { handle, outcome: 'gone' };
      else if (isTooLarge(handle)) yield { handle, outcome: 'too-large', size };
      else {
        if (ready.length === 0) ready = (await fetched.next()).value ?? [];
        const result = ready.shift();
        if (result !== undefined) yield result;
      }
    }
  } finally {
    await fetched.return(undefined);
  }
}

function group(handles: readonly string[], sizeOf: (handle: string) => number): Group[] {
  const groups: Group[] = [];
  for (const handle of handles) {
    const size = sizeOf(handle);
    const last = groups.at(-1);
    if (last !== undefined && last.handles.length < batchCount && last.size + size <= batchBytes) {
      last.handles.push(handle);
      last.size += size;
    } else {
      groups.push({ handles: [handle], size });
    }
  }
  return groups;
}

async function readGroup(
  api: HttpApi,
  label: string,
  { handles, size }: Group,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Fetched[]> {
  const [only] = handles;
  if (only !== undefined && handles.length === 1) return [await readOne(api, label, only, maxBytes, signal)];
  const calls = handles.map((handle) => ({ method: 'GET' as const, path: rawPath(handle) }));
  // Sizes are estimates: there is room for twice as much, in base64.
  const answers = await callAll(api, calls, asBase64(2 * size) + handles.length * 4_096, signal);
  return handles.flatMap((handle, index) => {
    const answer = answers[index];
    if (answer === undefined) return [];
    if (answer.status === 404) return [{ handle, outcome: 'gone' as const }];
    if (answer.status !== 200) throw api.failure(answer.status, answer.headers, answer.body);
    return [decode(label, handle, Buffer.from(answer.body, 'latin1'), maxBytes)];
  });
}

async function readOne(
  api: HttpApi,
  label: string,
  handle: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Fetched> {
  const reply = await api.send({ path: rawPath(handle), accept: [404], maxBytes: asBase64(maxBytes) + 4_096, signal });
  if (reply.status === 404) return { handle, outcome: 'gone' };
  if (reply.body === null) return { handle, outcome: 'too-large', size: Math.floor((reply.size * 3) / 4) };
  return decode(label, handle, reply.body, maxBytes);
}

function rawPath(handle: string): string {
  return withQuery(`${mailboxPath}/messages/${encodeURIComponent(handle)}`, { format: 'raw', fields: 'labelIds,raw' });
}

function decode(label: string, handle: string, body: Uint8Array, maxBytes: number): Fetched {
  const message = parseJson('Gmail', body, rawMessageSchema);
  if (isLeftOut(message.labelIds, label)) return { handle, outcome: 'gone' };
  const raw = Buffer.from(message.raw, 'base64url');
  return raw.byteLength > maxBytes
    ? { handle, outcome: 'too-large', size: raw.byteLength }
    : { handle, outcome: 'raw', raw };
}

/** Characters that so many bytes take in base64. */
function asBase64(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}
