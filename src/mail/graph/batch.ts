import * as z from 'zod';
import { AppError } from '../../domain/app-error';
import { parseJson } from '../http';
import { type BatchAnswer, inBatches } from '../http-batch';
import { type GraphApi, withQuery } from './graph-api';

/** Graph's limit (Microsoft Graph, "JSON batching"); it passes on at most four at once to Exchange by itself. */
const batchSize = 20;

export interface BatchCall {
  method: 'GET' | 'PATCH' | 'POST' | 'DELETE';
  path: string;
  body?: unknown;
}

const answerSchema = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.number(),
      headers: z.record(z.string(), z.string()).nullish(),
      body: z.unknown().optional(),
    }),
  ),
});

/**
 * Any number of calls, 20 in a request; the answers come in the order of the calls.
 * @throws AppError as `HttpApi.send`, and `bad-answer` when an answer is missing
 */
export function callAll(api: GraphApi, calls: readonly BatchCall[]): Promise<BatchAnswer[]> {
  return inBatches(api, calls, batchSize, (some) => sendBatch(api, some));
}

/** What Graph answered about one message. */
export type MessageAnswer<T> = { found: T } | 'gone' | AppError;

/**
 * Asks for each message below `messagesPath`, so that one which has left the folder is `gone`. A refusal that concerns one
 * message is its answer; what concerns them all is thrown.
 * @throws AppError as `callAll`, and `throttled` or `access` from inside the batch
 */
export async function readEach<T>(
  api: GraphApi,
  messagesPath: string,
  ids: readonly string[],
  query: Record<string, string>,
  schema: z.ZodType<T>,
): Promise<MessageAnswer<T>[]> {
  const calls = ids.map((id) => ({
    method: 'GET' as const,
    path: withQuery(`${messagesPath}/${encodeURIComponent(id)}`, query),
  }));
  const answers = await callAll(api, calls);
  return answers.map(({ status, headers, body }) => {
    if (status < 400) return { found: parseJson('Microsoft 365', Buffer.from(body), schema) };
    const failure = api.failure(status, headers, body);
    if (failure.kind === 'access' || failure.code === 'throttled') throw failure;
    return status === 404 ? 'gone' : failure;
  });
}

async function sendBatch(api: GraphApi, calls: readonly BatchCall[]): Promise<BatchAnswer[]> {
  const requests = calls.map(({ method, path, body }, index) => ({
    id: String(index),
    method,
    url: path.replace('/v1.0', ''),
    headers: { Prefer: 'IdType="ImmutableId"', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
  }));
  const { responses } = await readBatch(api, JSON.stringify({ requests }));
  const byId = new Map(responses.map((response) => [response.id, response]));
  return calls.map((_, index) => {
    const answer = byId.get(String(index));
    if (answer !== undefined) {
      return {
        status: answer.status,
        headers: new Headers(answer.headers ?? {}),
        body: JSON.stringify(answer.body ?? null),
      };
    }
    throw new AppError(
      'bad-answer',
      'transient',
      'Microsoft 365 left out a part of its answer. Letterbox tries again by itself.',
      { step: 'connect' },
    );
  });
}

async function readBatch(api: GraphApi, body: string): Promise<z.infer<typeof answerSchema>> {
  const reply = await api.send({
    method: 'POST',
    path: '/v1.0/$batch',
    headers: { 'content-type': 'application/json' },
    body,
    // A token that runs out in the middle of a batch is refused inside it, under a status of 200.
    isRefused: ({ body: answer }) => answer !== null && /"status":\s*401\b/.test(new TextDecoder().decode(answer)),
  });
  return parseJson('Microsoft 365', reply.body ?? new Uint8Array(), answerSchema);
}
