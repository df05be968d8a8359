import { route } from '@forge/api';
import * as z from 'zod';
import type { Issues, Span } from '../domain/ports';
import type { Origin } from '../domain/receipt';
import { readError } from './errors';
import type { AskJira } from './request';

/** The issue property that says which mail an issue was made of; manifest.yml has it indexed (`jira:entityProperty`). */
export const propertyKey = 'letterbox';

const found = z.object({ issues: z.array(z.object({ key: z.string().min(1) })) });
const marked = z.object({
  issues: z.array(
    z.object({
      key: z.string().min(1),
      properties: z
        .record(
          z.string(),
          z.object({ messageId: z.string().nullish(), connectionId: z.string().optional() }).catch({}),
        )
        .default({}),
    }),
  ),
  nextPageToken: z.string().optional(),
});

const mark = `issue.property[${propertyKey}].origin`;
const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;
const one = { fields: ['created'], maxResults: 1 };

/** The body of `POST /rest/api/3/search/jql`: the oldest issue first, should there ever be two. */
export function searchBody(origin: Origin) {
  return { jql: `${mark} = ${quoted(origin)} ORDER BY created ASC`, ...one };
}

/** The body of the same for issues of other mail than this, in whatever order. */
const othersBody = (projectId: string, origin: Origin) => ({
  jql: `project = "${projectId}" AND ${mark} != ${quoted(origin)}`,
  ...one,
});

/** The searches of `Issues`. */
export function issueSearch(ask: AskJira): Pick<Issues, 'findByOrigin' | 'findByMessageId' | 'showsOthers'> {
  /** The first issue that a query finds. */
  const first = async (body: ReturnType<typeof searchBody>): Promise<string | null> => {
    const answer = await ask(route`/rest/api/3/search/jql`, { method: 'POST', json: body });
    const parsed = found.safeParse(answer.body);
    if (!answer.ok || !parsed.success) throw readError(answer);
    return parsed.data.issues[0]?.key ?? null;
  };

  return {
    findByOrigin: (origin) => first(searchBody(origin)),
    showsOthers: async (projectId, origin) => (await first(othersBody(projectId, origin))) !== null,
    // Message-IDs are not indexed: the issues of that time are looked through, of which a page has the most that Jira gives.
    findByMessageId: async (messageId, { connectionId, projectId, between }) => {
      const body = timeSearchBody(projectId, between, Date.now());
      let nextPageToken: string | undefined;
      for (let page = 1; page <= mostPages; page += 1) {
        const json = { ...body, ...(nextPageToken !== undefined && { nextPageToken }) };
        const answer = await ask(route`/rest/api/3/search/jql`, { method: 'POST', json });
        const parsed = marked.safeParse(answer.body);
        if (!answer.ok || !parsed.success) throw readError(answer);
        const isIt = ({ properties }: (typeof parsed.data.issues)[number]) =>
          properties[propertyKey]?.messageId === messageId && properties[propertyKey].connectionId === connectionId;
        const issue = parsed.data.issues.find(isIt);
        if (issue !== undefined) return issue.key;
        nextPageToken = parsed.data.nextPageToken;
        if (nextPageToken === undefined) break;
      }
      return null;
    },
  };
}

/** Pages of 100 that one look goes through: as many issues in three hours are more than a project gets. */
const mostPages = 20;

/**
 * The body of `POST /rest/api/3/search/jql` for all issues of a project that were made in a time. Dates in JQL are of the time
 * zone of whoever asks; minutes before now are not.
 * @param now epoch milliseconds
 */
export function timeSearchBody(projectId: string, { from, to }: Span, now: number) {
  const minutes = (at: number) => Math.max(0, (now - at) / 60_000);
  const jql = `project = "${projectId}" AND created >= "-${Math.ceil(minutes(from))}m" AND created <= "-${Math.floor(minutes(to))}m"`;
  return { jql: `${jql} ORDER BY created ASC`, fields: ['created'], properties: [propertyKey], maxResults: 100 };
}
