import { route } from '@forge/api';
import * as z from 'zod';
import { AppError } from '../domain/app-error';
import type { Attachment } from '../domain/message';
import { attachRefused, issueError, readError } from './errors';
import type { AskJira, JiraRequest } from './request';

const attached = z.object({
  fields: z.object({ attachment: z.array(z.object({ filename: z.string(), size: z.number() })).default([]) }),
});

/** Names and sizes of what is attached; null when the issue is gone, or the app may not see it. */
export async function attachmentsOf(
  ask: AskJira,
  issueKey: string,
): Promise<{ fileName: string; size: number }[] | null> {
  const answer = await ask(route`/rest/api/3/issue/${issueKey}?fields=attachment`);
  // Either is what Jira says of an issue that the app may not see.
  if (answer.status === 404 || answer.status === 403) return null;
  const parsed = attached.safeParse(answer.body);
  if (!answer.ok || !parsed.success) throw readError(answer);
  return parsed.data.fields.attachment.map(({ filename, size }) => ({ fileName: filename, size }));
}

/** Attaches files in one request. @throws AppError `attachment-too-large`, `attach-refused`, `issue-gone` */
export async function attach(ask: AskJira, issueKey: string, attachments: readonly Attachment[]): Promise<void> {
  const raw = await multipart(attachments);
  const request: JiraRequest = { method: 'POST', raw, hasEffect: true };
  const answer = await ask(route`/rest/api/3/issue/${issueKey}/attachments`, request);
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
async function multipart(
  attachments: readonly Attachment[],
): Promise<{ body: ArrayBuffer; headers: Record<string, string> }> {
  const form = new FormData();
  for (const { fileName, mimeType, content } of attachments) {
    const { buffer, byteOffset, byteLength } = content;
    const bytes =
      buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, byteLength) : new Uint8Array(content);
    form.append('file', new Blob([bytes], { type: mimeType }), fileName);
  }
  const encoded = new Response(form);
  return {
    body: await encoded.arrayBuffer(),
    // Without it Jira takes the upload for a forged form (XSRF) and refuses it.
    headers: { 'content-type': encoded.headers.get('content-type') ?? '', 'x-atlassian-token': 'no-check' },
  };
}
