import { AppError } from '../../domain/app-error';
import type { Fetched } from '../../domain/ports';
import { inOrder } from '../in-order';
import { type GraphApi, readError } from './graph-api';

/** Exchange answers at most four requests at once for one app and mailbox (Microsoft Graph, throttling limits). */
const parallel = 4;
/** Mail that may stand in memory because several are fetched at once (bytes). */
const mostBytes = 32 * 1024 * 1024;
/** Items that Exchange can't write as MIME; that is no reason to stop at them. */
const unreadable = /MimeContent|ContentConversion|CorruptData|ItemCorrupt/i;

/**
 * The raw messages in the order of their handles: `$value`, four at a time. Exchange writes the MIME form anew each time:
 * its bytes may differ between two calls, so they are no fingerprint. A message that Exchange itself can't write is left out.
 */
export async function* download(
  api: GraphApi,
  messagesPath: string,
  sizes: ReadonlyMap<string, number>,
  handles: readonly string[],
  maxBytes: number,
): AsyncGenerator<Fetched> {
  const weight = (handle: string) => sizes.get(handle) ?? 0;
  const options = { parallel, weight, maxWeight: mostBytes };
  const read = async (handle: string, signal: AbortSignal): Promise<Fetched | null> => {
    const size = sizes.get(handle) ?? 0;
    return size > maxBytes
      ? { handle, outcome: 'too-large', size }
      : readOne(api, messagesPath, handle, maxBytes, signal);
  };
  for await (const fetched of inOrder(handles, options, read)) if (fetched !== null) yield fetched;
}

async function readOne(
  api: GraphApi,
  messagesPath: string,
  handle: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Fetched | null> {
  const reply = await api.send({
    path: `${messagesPath}/${encodeURIComponent(handle)}/$value`,
    headers: { accept: '*/*' },
    accept: [400, 404, 422, 500],
    maxBytes,
    signal,
  });
  if (reply.status >= 400) {
    const text = new TextDecoder().decode(reply.body ?? new Uint8Array());
    const failure = api.failure(reply.status, reply.headers, text);
    if (reply.status === 404 && failure.kind !== 'access') return { handle, outcome: 'gone' };
    if (unreadable.test(readError(text).code)) return null;
    throw failure;
  }
  if (/^text\/html/i.test(reply.headers.get('content-type') ?? '')) {
    const message = "A web page came instead of a mail (a proxy's, perhaps). Letterbox tries again by itself.";
    throw new AppError('bad-answer', 'transient', message, { step: 'connect' });
  }
  if (reply.body === null) return { handle, outcome: 'too-large', size: reply.size };
  return { handle, outcome: 'raw', raw: reply.body };
}
