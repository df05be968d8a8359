import { AppError } from '../../domain/app-error';
import type { Fetched } from '../../domain/ports';
import { inOrder } from '../in-order';
import { readEach } from './batch';
import { type GraphApi, messageSchema, readError } from './graph-api';

/** Exchange answers at most four requests at once for one app and mailbox (Microsoft Graph, throttling limits). */
const parallel = 4;
/** Mail that may stand in memory because several are fetched at once (bytes). */
const mostBytes = 32 * 1024 * 1024;
/** Messages whose folder is asked for at once, right before they are fetched: what one batch holds. */
const lookedAtOnce = 20;
/** Items that Exchange can't write as MIME; that is no reason to stop at them. */
const unreadable = /MimeContent|ContentConversion|CorruptData|ItemCorrupt/i;

/**
 * The raw messages in the order of their handles: `$value`, four at a time. Graph gives it below `messages` alone, and
 * answers 405 below a folder (microsoft-graph-docs issue 9364), so whether a message is still in the folder is asked before.
 * Exchange writes the MIME form anew each time: its bytes may differ between two calls, so they are no fingerprint. A
 * message that Exchange itself can't write is left out.
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
  for (let start = 0; start < handles.length; start += lookedAtOnce) {
    const some = handles.slice(start, start + lookedAtOnce);
    const fitting = some.filter((handle) => weight(handle) <= maxBytes);
    const answers = await readEach(api, messagesPath, fitting, { $select: 'id' }, messageSchema);
    const left = new Set(fitting.filter((_, index) => answers[index] === 'gone'));
    const read = async (handle: string, signal: AbortSignal): Promise<Fetched | null> => {
      if (left.has(handle)) return { handle, outcome: 'gone' };
      const size = weight(handle);
      return size > maxBytes ? { handle, outcome: 'too-large', size } : readOne(api, handle, maxBytes, signal);
    };
    for await (const fetched of inOrder(some, options, read)) if (fetched !== null) yield fetched;
  }
}

async function readOne(api: GraphApi, handle: string, maxBytes: number, signal: AbortSignal): Promise<Fetched | null> {
  const reply = await api.send({
    path: `${api.base}/messages/${encodeURIComponent(handle)}/$value`,
    headers: { accept: '*/*' },
    accept: [400, 404, 422, 500],
    maxBytes,
    signal,
  });
  if (reply.status >= 400) {
    const text = new TextDecoder().decode(reply.body ?? new Uint8Array());
    const failure = api.failure(reply.status, reply.headers, text);
    // The folder has just shown it: a copy of the mailbox that lags behind, which is no reason to believe that it is gone.
    if (reply.status === 404 && failure.kind !== 'access') return null;
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
