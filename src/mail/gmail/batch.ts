import { AppError } from '../../domain/app-error';
import type { HttpApi } from '../http';
import { type BatchAnswer, inBatches } from '../http-batch';

/** Gmail takes 100 calls a batch, and advises against more than 50, which run into its limits. */
const batchSize = 50;
const boundary = 'letterbox-batch';

export interface BatchCall {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  body?: unknown;
}

/**
 * Any number of calls, in as few requests as Gmail recommends (Gmail API guide "Batch requests"); the answers come in the
 * order of the calls.
 * @param maxBytes of one request's answer
 * @throws AppError as `HttpApi.send`, and `bad-answer` when an answer is missing
 */
export function callAll(
  api: HttpApi,
  calls: readonly BatchCall[],
  maxBytes: number,
  signal?: AbortSignal,
): Promise<BatchAnswer[]> {
  return inBatches(api, calls, batchSize, (some) => sendBatch(api, some, maxBytes, signal), signal);
}

async function sendBatch(
  api: HttpApi,
  calls: readonly BatchCall[],
  maxBytes: number,
  signal?: AbortSignal,
): Promise<BatchAnswer[]> {
  const parts = calls.map((call, index) => {
    const body = call.body === undefined ? '' : JSON.stringify(call.body);
    const type = body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    return `--${boundary}\r\nContent-Type: application/http\r\nContent-ID: <call-${index}>\r\n\r\n${call.method} ${call.path} HTTP/1.1\r\n${type}\r\n${body}\r\n`;
  });
  const reply = await api.send({
    method: 'POST',
    path: '/batch/gmail/v1',
    headers: { 'content-type': `multipart/mixed; boundary=${boundary}` },
    body: `${parts.join('')}--${boundary}--\r\n`,
    maxBytes,
    // A token that runs out in the middle of a batch is refused inside it, under a status of 200.
    isRefused: ({ body }) =>
      body !== null && Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes('HTTP/1.1 401'),
    ...(signal === undefined ? {} : { signal }),
  });
  const answers = reply.body === null ? new Map() : readAnswers(reply.headers.get('content-type') ?? '', reply.body);
  return calls.map((_, index) => {
    const answer = answers.get(index);
    if (answer !== undefined) return answer;
    throw new AppError(
      'bad-answer',
      'transient',
      'Gmail left out a part of its answer. Letterbox tries again by itself.',
      { step: 'connect' },
    );
  });
}

/** Answers by the number in their Content-ID (`<response-call-3>`), since their order is not promised. */
function readAnswers(contentType: string, body: Uint8Array): Map<number, BatchAnswer> {
  const answers = new Map<number, BatchAnswer>();
  const limit = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (limit === undefined) return answers;
  // JSON with base64url in it is ASCII; latin1 keeps one byte a character while the parts are cut.
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  const parts = text.split(`--${limit}`);
  // Behind the last delimiter is nothing; or, where the answer was cut, a part that may be half a mail.
  for (const part of parts.slice(1, -1)) {
    const [head = '', inner = ''] = cut(part.replace(/^\r?\n/, ''));
    const index = /^content-id:\s*<?response-call-(\d+)>?\s*$/im.exec(head)?.[1];
    const [innerHead = '', innerBody = ''] = cut(inner);
    const status = /^HTTP\/\d(?:\.\d)? (\d{3})/.exec(innerHead)?.[1];
    if (index === undefined || status === undefined) continue;
    const content = Buffer.from(innerBody.replace(/\r?\n$/, ''), 'latin1').toString('utf8');
    answers.set(Number(index), { status: Number(status), headers: readHeaders(innerHead), body: content });
  }
  return answers;
}

/** The head and the body, which an empty line divides. */
function cut(text: string): [string, string] {
  const end = /\r?\n\r?\n/.exec(text);
  return end === null ? [text, ''] : [text.slice(0, end.index), text.slice(end.index + end[0].length)];
}

function readHeaders(head: string): Headers {
  const headers = new Headers();
  for (const line of head.split(/\r?\n/).slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  return headers;
}
