import type { HttpApi } from '../http';
import { parseJson } from '../http';
import { callAll } from './batch';
import { type MessageFacts, mailboxPath, messageFactsSchema, withQuery } from './gmail-api';

/** One answer holds labels, a size and a date of each message; a megabyte of it is no answer to this question. */
const answerBytes = 1024 * 1024;

/** Labels, sizes and dates of messages, without their content; messages that are gone are left out. */
export async function readFacts(api: HttpApi, ids: readonly string[]): Promise<Map<string, MessageFacts>> {
  const calls = ids.map((id) => ({
    method: 'GET' as const,
    path: withQuery(`${mailboxPath}/messages/${encodeURIComponent(id)}`, {
      format: 'minimal',
      fields: 'id,labelIds,sizeEstimate,internalDate',
    }),
  }));
  const facts = new Map<string, MessageFacts>();
  const answers = await callAll(api, calls, answerBytes);
  for (const answer of answers) {
    if (answer.status === 404) continue;
    if (answer.status !== 200) throw api.failure(answer.status, answer.headers, answer.body);
    const message = parseJson('Gmail', Buffer.from(answer.body), messageFactsSchema);
    facts.set(message.id, message);
  }
  return facts;
}
