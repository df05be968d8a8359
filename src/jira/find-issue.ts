import { route } from '@forge/api';
import * as z from 'zod';
import { toAppError } from '../domain/app-error';
import type { Issues, Span } from '../domain/ports';
import type { Origin } from '../domain/receipt';
import { readError, refusedQuery } from './errors';
import type { AskJira } from './request';

/** The issue property that says which mail an issue was made of; manifest.yml has it indexed (`jira:entityProperty`). */
export const propertyKey = 'letterbox';

const found = z.object({
  issues: z.array(
    z.object({
      key: z.string().min(1),
      properties: z
        .record(
          z.string(),
          z
            .object({
              origin: z.string().optional(),
              messageId: z.string().nullish(),
              connectionId: z.string().optional(),
            })
            .catch({}),
        )
        .default({}),
    }),
  ),
  nextPageToken: z.string().optional(),
});
type Found = z.output<typeof found>;
type Mark = Found['issues'][number]['properties'][string];

// The quoted key is the documented form (jira:entityProperty, "Full property path").
const mark = `issue.property['${propertyKey}'].origin`;
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
  const search = async (json: unknown): Promise<Found> => {
    const answer = await ask(route`/rest/api/3/search/jql`, { method: 'POST', json });
    const parsed = found.safeParse(answer.body);
    if (!answer.ok || !parsed.success) throw readError(answer);
    return parsed.data;
  };
  /** The first issue that a query finds. */
  const first = async (body: unknown): Promise<string | null> => (await search(body)).issues[0]?.key ?? null;
  /**
   * Looks through the issues of a time for one whose property is the one: that needs no index of properties. `isWhole`: there were
   * no more than were looked at.
   */
  const lookThrough = async (
    body: ReturnType<typeof timeSearchBody>,
    isIt: (mark: Mark) => boolean,
    pages = maxPages,
  ): Promise<{ key: string | null; isWhole: boolean }> => {
    let nextPageToken: string | undefined;
    for (let page = 1; page <= pages; page += 1) {
      const { issues, ...rest } = await search({ ...body, ...(nextPageToken !== undefined && { nextPageToken }) });
      const issue = issues.find(({ properties: { [propertyKey]: mark } }) => mark !== undefined && isIt(mark));
      nextPageToken = rest.nextPageToken;
      if (issue !== undefined) return { key: issue.key, isWhole: true };
      if (nextPageToken === undefined) return { key: null, isWhole: true };
    }
    return { key: null, isWhole: false };
  };

  return {
    findByOrigin: async (origin, made) => {
      if (made === undefined) return first(searchBody(origin));
      const indexed = await first(searchBody(origin)).catch((thrown: unknown) => toAppError(thrown));
      if (typeof indexed === 'string') return indexed;
      // A site whose index of properties does not work may refuse the query. Everything else is trouble.
      if (indexed !== null && indexed.code !== refusedQuery) throw indexed;
      const body = timeSearchBody(made.projectId, { from: made.since }, Date.now());
      const { key, isWhole } = await lookThrough(body, (mark) => mark.origin === origin);
      if (key === null && !isWhole && indexed !== null) throw indexed;
      return key;
    },
    showsOthers: async (projectId, origin) => {
      if ((await first(othersBody(projectId, origin))) !== null) return true;
      const now = Date.now();
      const body = timeSearchBody(projectId, { from: now - othersMs }, now, 'DESC');
      return (await lookThrough(body, (mark) => mark.origin !== undefined && mark.origin !== origin, 1)).key !== null;
    },
    // Message-IDs are not indexed.
    findByMessageId: async (messageId, { connectionId, projectId, between }) => {
      const body = timeSearchBody(projectId, between, Date.now());
      const isIt = (mark: Mark) => mark.messageId === messageId && mark.connectionId === connectionId;
      return (await lookThrough(body, isIt)).key;
    },
  };
}

/** Where other issues of the app are looked for: among the newest 100 of these days (ms). */
const othersMs = 30 * 24 * 60 * 60_000;

/** Pages of 100 that one look goes through: as many issues in three hours are more than a project gets. */
const maxPages = 20;

/**
 * The body of `POST /rest/api/3/search/jql` for all issues of a project that were made in a time, which has no end if it says none.
 * Dates in JQL are of the time zone of whoever asks; minutes before now are not.
 * @param now epoch milliseconds
 */
export function timeSearchBody(
  projectId: string,
  { from, to }: Pick<Span, 'from'> & Partial<Span>,
  now: number,
  order: 'ASC' | 'DESC' = 'ASC',
) {
  const minutes = (at: number) => Math.max(0, (now - at) / 60_000);
  const end = to === undefined ? '' : ` AND created <= "-${Math.floor(minutes(to))}m"`;
  const jql = `project = "${projectId}" AND created >= "-${Math.ceil(minutes(from))}m"${end} ORDER BY created ${order}`;
  return { jql, fields: ['created'], properties: [propertyKey], maxResults: 100 };
}
