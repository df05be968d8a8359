import type { AppError } from '../../domain/app-error';
import type { HttpApi } from '../http';
import { parseJson } from '../http';
import { callAll } from './batch';
import { type MessageFacts, mailboxPath, messageFactsSchema, withQuery } from './gmail-api';

/** One answer holds labels, a size and a date of each message; a megabyte of it is no answer to this question. */
const answerBytes = 1024 * 1024;

/**
 * Labels, sizes and dates of messages, without their content. Messages that are not found are left out; one
 * that Gmail has trouble with holds up no other: its error stands for it.
 * @throws AppError as `callAll`, and `throttled` or `access` from inside the batch
 */
export async function readFacts(api: HttpApi, ids: readonly string[]): Promise<Map<string, MessageFacts | AppError>> {
  const calls = ids.map((id) => ({
    method: 'GET' as const,
    path: withQuery(`${mailboxPath}/messages/${encodeURIComponent(id)}`, {
      format: 'minimal',
      fields: 'id,labelIds,sizeEstimate,internalDate',
    }),
  }));
  const facts = new Map<string, MessageFacts | AppError>();
  const answers = await callAll(api, calls, answerBytes);
  for (const [index, { status, headers, body }] of answers.entries()) {
    if (status === 404) continue;
    if (status === 200) {
      facts.set(ids[index] ?? '', parseJson('Gmail', Buffer.from(body), messageFactsSchema));
      continue;
    }
    const failure = api.failure(status, headers, body);
    if (failure.kind === 'access' || failure.code === 'throttled') throw failure;
    facts.set(ids[index] ?? '', failure);
  }
  return facts;
}

/** When Gmail received a message, in epoch milliseconds; null where that is not known. */
export function dateOf(facts: Map<string, MessageFacts | AppError>, id: string): number | null {
  const message = facts.get(id);
  return message !== undefined && 'internalDate' in message ? Number(message.internalDate) : null;
}
