import { route } from '@forge/api';
import * as z from 'zod';
import { requestJira } from './request';

const answerSchema = z.object({ permissions: z.object({ ADMINISTER: z.object({ havePermission: z.boolean() }) }) });

/**
 * Whether the user who called this function administers Jira (the global permission "Administer Jira"). Anything but a clear
 * yes is a no: an error, a timeout, an answer of another shape. Asked with the caller's own rights, which the platform takes
 * from the invocation; `accountId` is that invocation's account, and without one nobody is an administrator.
 */
export async function isJiraAdministrator(accountId: string | null | undefined): Promise<boolean> {
  if (accountId === null || accountId === undefined || accountId === '') return false;
  try {
    const answer = await requestJira(route`/rest/api/3/mypermissions?permissions=ADMINISTER`, {}, 'user');
    const parsed = answerSchema.safeParse(answer.body);
    return answer.status === 200 && parsed.success && parsed.data.permissions.ADMINISTER.havePermission;
  } catch {
    return false;
  }
}
