import { route } from '@forge/api';
import * as z from 'zod';
import { AppError } from '../domain/app-error';
import type { Attachment } from '../domain/message';
import type { IssueDraft, Issues } from '../domain/ports';
import type { Origin } from '../domain/receipt';
import { createError, issueError, readError } from './errors';
import { requestJira } from './request';

/** The issue property that says which mail an issue was made of; manifest.yml has it indexed (`jira:entityProperty`). */
const propertyKey = 'letterbox';

const created = z.object({ key: z.string().min(1) });
const found = z.object({ issues: z.array(z.object({ key: z.string().min(1) })) });
const attached = z.object({
  fields: z.object({ attachment: z.array(z.object({ filename: z.string(), size: z.number() })).default([]) }),
});

/** Turns mail into Jira's document format; loaded with the first mail, since most polls find none. */
const description = () => import('./description');

/** Issues through Jira Cloud's REST API (version 3), as the app. */
export function jiraIssues(): Issues {
  return { create, showsWhole, findByOrigin, attachments, attach, comment };
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
  const answer = await requestJira(route`/rest/api/3/search/jql`, { method: 'POST', json: searchBody(origin) });
  const parsed = found.safeParse(answer.body);
  if (!answer.ok || !parsed.success) throw readError(answer);
  return parsed.data.issues[0]?.key ?? null;
}

/** The body of `POST /rest/api/3/search/jql`: the oldest issue first, should there ever be two. */
export function searchBody(origin: Origin) {
  const quoted = origin.replace(/[\\"]/g, '\\$&');
  return {
    jql: `issue.property[${propertyKey}].origin = "${quoted}" ORDER BY created ASC`,
    fields: ['created'],
    maxResults: 1,
  };
}

async function attachments(issueKey: string): Promise<{ fileName: string; size: number }[] | null> {
  const answer = await requestJira(route`/rest/api/3/issue/${issueKey}?fields=attachment`);
  if (answer.status === 404) return null;
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
