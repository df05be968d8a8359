import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { AppError } from '../../domain/app-error';
import { parseJson } from '../http';
import type { GraphApi } from './graph-api';

/** Graph's limit (Microsoft Graph, "JSON batching"); it passes on at most four at once to Exchange by itself. */
const batchSize = 20;
/** A longer pause is left to the poll, which has other mailboxes to look after. */
const longestPauseMs = 3_000;

export interface BatchCall {
  method: 'PATCH' | 'POST' | 'DELETE';
  path: string;
  body?: unknown;
}

export interface BatchAnswer {
  status: number;
  headers: Headers;
  body: string;
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
 * Any number of calls, 20 in a request; the answers come in the order of the calls. Calls that only went too fast are made
 * once more, after the pause that Graph asks for.
 * @throws AppError as `HttpApi.send`, and `bad-answer` when an answer is missing
 */
export async function callAll(api: GraphApi, calls: readonly BatchCall[]): Promise<BatchAnswer[]> {
  const answers: BatchAnswer[] = [];
  for (let start = 0; start < calls.length; start += batchSize) {
    answers.push(...(await callBatch(api, calls.slice(start, start + batchSize))));
  }
  return answers;
}

async function callBatch(api: GraphApi, calls: readonly BatchCall[]): Promise<BatchAnswer[]> {
  const answers = await sendBatch(api, calls);
  const throttled = answers.flatMap(({ status, headers, body }, index) => {
    const failure = status < 400 ? null : api.failure(status, headers, body);
    return failure?.code === 'throttled' ? [{ index, pause: failure.retryAfterMs ?? 1_000 }] : [];
  });
  const pause = Math.max(0, ...throttled.map((one) => one.pause));
  if (throttled.length === 0 || pause > longestPauseMs) return answers;
  await setTimeout(pause);
  const again = await sendBatch(
    api,
    throttled.flatMap(({ index }) => calls[index] ?? []),
  );
  const replaced = new Map(again.map((answer, index) => [throttled[index]?.index, answer]));
  return answers.map((answer, index) => replaced.get(index) ?? answer);
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
