import * as z from 'zod';
import type { Preview } from '../../domain/start';
import { type HttpApi, parseJson } from '../http';
import { previewFrom } from '../preview';
import { callAll } from './batch';
import { mailboxPath, withQuery } from './gmail-api';

/** Ten headers of a few lines each; a megabyte of it is no answer to this question. */
const answerBytes = 1024 * 1024;

const headerSchema = z.object({
  id: z.string(),
  internalDate: z.string().regex(/^-?\d+$/),
  payload: z
    .object({ headers: z.array(z.object({ name: z.string(), value: z.string() })).default([]) })
    .default({ headers: [] }),
});

/** Who sent messages and what they are about (`messages.get`, format=metadata); those that are gone are left out. */
export async function previewMessages(api: HttpApi, handles: readonly string[]): Promise<Preview[]> {
  const calls = handles.map((handle) => ({
    method: 'GET' as const,
    path: withQuery(`${mailboxPath}/messages/${encodeURIComponent(handle)}`, {
      format: 'metadata',
      metadataHeaders: ['From', 'Subject'],
      fields: 'id,internalDate,payload/headers',
    }),
  }));
  const previews: Preview[] = [];
  for (const answer of await callAll(api, calls, answerBytes)) {
    if (answer.status === 404) continue;
    if (answer.status !== 200) throw api.failure(answer.status, answer.headers, answer.body);
    const { id, internalDate, payload } = parseJson('Gmail', Buffer.from(answer.body), headerSchema);
    const lines = payload.headers.map(({ name, value }) => `${name}: ${value.replace(/[\r\n]+/g, ' ')}\r\n`);
    previews.push(await previewFrom(id, Number(internalDate), Buffer.from(`${lines.join('')}\r\n`)));
  }
  return previews;
}
