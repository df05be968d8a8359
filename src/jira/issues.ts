import { route } from '@forge/api';
import * as z from 'zod';
import { AppError } from '../domain/app-error';
import type { Attachment } from '../domain/message';
import type { IssueDraft, Issues, Span } from '../domain/ports';
import type { Origin } from '../domain/receipt';
import { attachRefused, createError, issueError, readError } from './errors';
import { requestJira } from './request';

/** The issue property that says which mail an issue was made of; manifest.yml has it indexed (`jira:entityProperty`). */
const propertyKey = 'letterbox';

const created = z.object({ key: z.string().min(1) });
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
const attached = z.object({
  fields: z.object({ attachment: z.array(z.object({ filename: z.string(), size: z.number() })).default([]) }),
});

/** Turns mail into Jira's document format; loaded with the first mail, since most polls find none. */
const description = () => import('./description');

/** Issues through Jira Cloud's REST API (version 3), as the app. */
export function jiraIssues(): Issues {
  return { create, showsWhole, findByOrigin, findByMessageId, showsOthers, attachments, attach, comment };
}

async function create(draft: IssueDraft): Promise<string> {
  const answer = await requestJira(route`/rest/api/3/issue`, {
    method: 'POST',
    json: await createBody(draft),
    hasEffect: true,
  });
  const parsed = created.safeParse(answer.body);
  // A success without a key is an answer that was cut or replaced on its way: the issue may well exist.
  if (answer.status !== 201 || !parsed.success) throw createError(answer);
  return parsed.data.key;
}

/** The body of `POST /rest/api/3/issue`. */
export async function createBody(draft: IssueDraft) {
  const { describe } = await description();
  return {
    fields: {
      project: { id: draft.projectId },
      issuetype: { id: draft.issueTypeId },
      summary: draft.summary,
      description: describe(draft).document,
    },
    properties: [
      {
        key: propertyKey,
        value: { origin: draft.origin, messageId: draft.messageId, connectionId: draft.connectionId },
      },
    ],
  };
}

async function showsWhole(draft: IssueDraft): Promise<boolean> {
  const { describe } = await description();
  return !describe(draft).truncated;
}

async function findByOrigin(origin: Origin): Promise<string | null> {
  return search(searchBody(origin));
}

/** Issues of other mail than this, in whatever order: whether there is one says that search shows the app what it makes. */
async function showsOthers(projectId: string, origin: Origin): Promise<boolean> {
  return (await search({ jql: `project = "${projectId}" AND ${mark} != ${quoted(origin)}`, ...one })) !== null;
}

/** The first issue that a query finds. */
async function search(body: ReturnType<typeof searchBody>): Promise<string | null> {
  const answer = await requestJira(route`/rest/api/3/search/jql`, { method: 'POST', json: body });
  const parsed = found.safeParse(answer.body);
  if (!answer.ok || !parsed.success) throw readError(answer);
  return parsed.data.issues[0]?.key ?? null;
}

const mark = `issue.property[${propertyKey}].origin`;
const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;
const one = { fields: ['created'], maxResults: 1 };

/** The body of `POST /rest/api/3/search/jql`: the oldest issue first, should there ever be two. */
export function searchBody(origin: Origin) {
  return { jql: `${mark} = ${quoted(origin)} ORDER BY created ASC`, ...one };
}

/** Message-IDs are not indexed: the issues of that time are looked through, of which a page has the most that Jira gives. */
const findByMessageId: Issues['findByMessageId'] = async (messageId, { connectionId, projectId, between }) => {
  const body = timeSearchBody(projectId, between, Date.now());
  let nextPageToken: string | undefined;
  for (let page = 1; page <= mostPages; page += 1) {
    const json = { ...body, ...(nextPageToken !== undefined && { nextPageToken }) };
    const answer = await requestJira(route`/rest/api/3/search/jql`, { method: 'POST', json });
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
};

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

async function attachments(issueKey: string): Promise<{ fileName: string; size: number }[] | null> {
  const answer = await requestJira(route`/rest/api/3/issue/${issueKey}?fields=attachment`);
  // Either is what Jira says of an issue that the app may not see.
  if (answer.status === 404 || answer.status === 403) return null;
  const parsed = attached.safeParse(answer.body);
  if (!answer.ok || !parsed.success) throw readError(answer);
  return parsed.data.fields.attachment.map(({ filename, size }) => ({ fileName: filename, size }));
}

async function attach(issueKey: string, attachment: Attachment): Promise<void> {
  const raw = await multipart(attachment);
  const answer = await requestJira(route`/rest/api/3/issue/${issueKey}/attachments`, {
    method: 'POST',
    raw,
    hasEffect: true,
  });
  if (answer.status === 413) {
    throw new AppError(
      'attachment-too-large',
      'message',
      'The file is larger than Jira accepts. An administrator of Jira can raise the limit for attachments.',
    );
  }
  if (answer.status === 403) throw attachRefused(answer, issueKey);
  if (!answer.ok) throw issueError(answer, issueKey);
}

/** The platform's own encoder escapes quotes and line ends of file names, so that no name can add a header. */
async function multipart({
  fileName,
  mimeType,
  content,
}: Attachment): Promise<{ body: ArrayBuffer; headers: Record<string, string> }> {
  const { buffer, byteOffset, byteLength } = content;
  const bytes =
    buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, byteLength) : new Uint8Array(content);
  const form = new FormData();
  form.append('file', new Blob([bytes], { type: mimeType }), fileName);
  const encoded = new Response(form);
  return {
    body: await encoded.arrayBuffer(),
    // Without it Jira takes the upload for a forged form (XSRF) and refuses it.
    headers: { 'content-type': encoded.headers.get('content-type') ?? '', 'x-atlassian-token': 'no-check' },
  };
}

async function comment(issueKey: string, text: string): Promise<void> {
  const { plainDocument } = await description();
  const answer = await requestJira(route`/rest/api/3/issue/${issueKey}/comment`, {
    method: 'POST',
    json: { body: plainDocument(text) },
    hasEffect: true,
  });
  if (!answer.ok) throw issueError(answer, issueKey);
}
