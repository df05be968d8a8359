import { getAppContext, route } from '@forge/api';
import * as z from 'zod';
import { isConsentError, toAppError } from '../domain/app-error';
import { jiraQuotaCode } from '../domain/jira-quota';
import { readError } from './errors';
import { requestJira } from './request';

const answerSchema = z.object({ permissions: z.object({ ADMINISTER: z.object({ havePermission: z.boolean() }) }) });

/** Milliseconds that a yes is remembered: a page that asks each few seconds costs Jira's points once a minute. */
const rememberedMs = 60_000;
/** Functions of one process serve few administrators; more are not remembered. */
const maxRemembered = 1_000;

/**
 * Makes the check whether the user who called this function administers Jira (the global permission "Administer Jira"). Anything
 * but a clear yes is a no: an error, a timeout, an answer of another shape. Asked with the caller's own rights, which the platform
 * takes from the invocation; `accountId` is that invocation's account, and without one nobody is an administrator. A yes is
 * remembered for a minute in this process, for this account of this installation only; a no never is.
 * @param now epoch milliseconds
 * @throws AppError `jira-quota`: Jira answers nobody until the full hour
 * @throws the platform's own error when the user has to consent first, so that the platform can ask for that
 */
export function administratorCheck(now: () => number): (accountId: string | null | undefined) => Promise<boolean> {
  const untilByCaller = new Map<string, number>();
  return async (accountId) => {
    if (accountId === null || accountId === undefined || accountId === '') return false;
    const caller = `${getAppContext().installationAri.toString()} ${accountId}`;
    const until = untilByCaller.get(caller) ?? 0;
    // Also against a clock that was set back: what lies further ahead than a minute was not remembered by this clock.
    if (now() < until && until <= now() + rememberedMs) return true;
    untilByCaller.delete(caller);
    const isAdministrator = await hasPermission();
    if (isAdministrator && untilByCaller.size >= maxRemembered) untilByCaller.clear();
    if (isAdministrator) untilByCaller.set(caller, now() + rememberedMs);
    return isAdministrator;
  };
}

async function hasPermission(): Promise<boolean> {
  try {
    const answer = await requestJira(route`/rest/api/3/mypermissions?permissions=ADMINISTER`, {}, 'user');
    if (answer.isQuotaSpent) throw readError(answer);
    const parsed = answerSchema.safeParse(answer.body);
    return answer.status === 200 && parsed.success && parsed.data.permissions.ADMINISTER.havePermission;
  } catch (thrown) {
    if (isConsentError(thrown) || toAppError(thrown).code === jiraQuotaCode) throw thrown;
    return false;
  }
}
