import * as z from 'zod';
import { activityFacts } from '../../domain/activity';
import type { Preview } from '../../domain/start';
import { parseJson } from '../http';
import { callAll } from './batch';
import { type GraphApi, withQuery } from './graph-api';

const headSchema = z.object({
  receivedDateTime: z.string().nullish(),
  subject: z.string().nullish(),
  from: z
    .object({ emailAddress: z.object({ name: z.string().nullish(), address: z.string().nullish() }).nullish() })
    .nullish(),
});

/** Who sent messages and what they are about; those that left the folder are left out. */
export async function previewMessages(
  api: GraphApi,
  messagesPath: string,
  handles: readonly string[],
): Promise<Preview[]> {
  const calls = handles.map((handle) => ({
    method: 'GET' as const,
    path: withQuery(`${messagesPath}/${encodeURIComponent(handle)}`, { $select: 'from,subject,receivedDateTime' }),
  }));
  const answers = await callAll(api, calls);
  return handles.flatMap((handle, index) => {
    const { status = 500, headers = new Headers(), body = '' } = answers[index] ?? {};
    if (status >= 400) {
      const failure = api.failure(status, headers, body);
      if (status === 404 && failure.kind !== 'access') return [];
      throw failure;
    }
    return [asPreview(handle, parseJson('Microsoft 365', Buffer.from(body), headSchema))];
  });
}

function asPreview(handle: string, { receivedDateTime, subject, from }: z.output<typeof headSchema>): Preview {
  const received = Date.parse(receivedDateTime ?? '');
  const { name, address } = from?.emailAddress ?? {};
  // Exchange repeats the address as the name of somebody who has none.
  const sender =
    from?.emailAddress == null ? null : { name: name === address ? '' : (name ?? ''), address: address ?? '' };
  const facts = activityFacts({ from: sender, subject: subject ?? '', messageId: null });
  return {
    handle,
    receivedAt: Number.isNaN(received) ? null : received,
    from: facts.from ?? '',
    subject: facts.subject ?? '',
  };
}
