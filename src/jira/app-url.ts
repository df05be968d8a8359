import { getAppContext, route } from '@forge/api';
import * as z from 'zod';
import { requestJira } from './request';

/** Milliseconds: a link is worth less than a message in time. */
const timeoutMs = 5_000;

const answerSchema = z.object({ baseUrl: z.string().regex(/^https?:/) });

/**
 * Where the app's pages are on this site, without a slash at its end; null when Jira does not tell. A function that no page calls
 * knows the site's id only, so that Jira is asked for its address (`GET /rest/api/3/serverInfo`, open to everybody). Not kept: one
 * process may serve many sites. The path of `jira:adminPage` is documented
 * (https://developer.atlassian.com/platform/forge/manifest-reference/modules/jira-admin-page/).
 */
export async function appUrl(): Promise<string | null> {
  try {
    const { body } = await requestJira(route`/rest/api/3/serverInfo`, { timeoutMs });
    const { origin } = new URL(answerSchema.parse(body).baseUrl);
    const { appAri, environmentAri } = getAppContext();
    return `${origin}/jira/settings/apps/${appAri.appId}/${environmentAri.environmentId}`;
  } catch {
    return null;
  }
}
