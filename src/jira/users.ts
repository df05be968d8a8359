import { route } from '@forge/api';
import * as z from 'zod';
import { readError } from './errors';
import { requestJira } from './request';

const page = z.object({ values: z.array(z.object({ accountId: z.string(), displayName: z.string() })) });

/** Display names by account id, of at most 50 people; who is gone is missing. @throws AppError as Jira's other reads */
export async function usersByAccountId(accountIds: readonly string[]): Promise<{ id: string; name: string }[]> {
  const search = new URLSearchParams([
    ['maxResults', '50'],
    ...accountIds.map((id): [string, string] => ['accountId', id]),
  ]);
  const answer = await requestJira(route`/rest/api/3/user/bulk?${search}`);
  const found = page.safeParse(answer.body);
  if (!answer.ok || !found.success) throw readError(answer);
  return found.data.values.map(({ accountId, displayName }) => ({ id: accountId, name: displayName }));
}
