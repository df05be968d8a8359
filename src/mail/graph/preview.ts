import * as z from 'zod';
import { activityFacts } from '../../domain/activity';
import { AppError } from '../../domain/app-error';
import type { Preview } from '../../domain/start';
import { readEach } from './batch';
import type { GraphApi } from './graph-api';

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
  const answers = await readEach(api, messagesPath, handles, { $select: 'from,subject,receivedDateTime' }, headSchema);
  return handles.flatMap((handle, index) => {
    const answer = answers[index] ?? 'gone';
    if (answer === 'gone') return [];
    if (answer instanceof AppError) throw answer;
    return [asPreview(handle, answer.found)];
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
