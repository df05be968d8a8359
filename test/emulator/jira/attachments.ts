import type { ProductResponse } from '../forge/forge';
import { type Exchange, JiraRefusal, json, noContent, signedIn } from './exchange';
import { seenIssue } from './issues';
import { uploadedFiles } from './multipart';
import { link, showAttachment } from './representation';
import type { AttachmentRecord, IssueRecord } from './state';

export async function addAttachments(exchange: Exchange): Promise<ProductResponse> {
  const { request, state, settings, now } = exchange;
  // A form of a foreign page could post here with the reader's cookies; only a program can set this header.
  if (!['no-check', 'nocheck'].includes((request.headers['x-atlassian-token'] ?? '').toLowerCase())) {
    return { status: 403, headers: { 'content-type': 'text/html;charset=UTF-8' }, body: 'XSRF check failed' };
  }
  const seen = seenIssue(exchange, exchange.params[0] ?? '');
  const user = signedIn(exchange);
  if (!user.permissions.includes('CREATE_ATTACHMENTS')) {
    throw new JiraRefusal(403, ['You do not have permission to create attachments for this issue.']);
  }
  const files = await uploadedFiles(request);
  if (files.length === 0) throw new JiraRefusal(400, ['No file was uploaded: the part must be named "file".']);
  for (const file of files) {
    if (file.bytes.length > settings.attachmentLimit) {
      throw new JiraRefusal(413, [
        `The file ${file.filename} exceeds its maximum permitted size of ${settings.attachmentLimit} bytes.`,
      ]);
    }
  }
  const added = files.map((file): AttachmentRecord => {
    const id = state.nextId();
    state.putFile(id, file.bytes);
    const { filename, mimeType } = file;
    return { id, author: user.accountId, filename, mimeType, size: file.bytes.length, createdAt: now };
  });
  // The form was read in the meantime: another request may have changed the issue.
  const issue = state.find(seen.id);
  if (issue === undefined)
    throw new JiraRefusal(404, ['Issue does not exist or you do not have permission to see it.']);
  state.save({ ...issue, attachments: [...issue.attachments, ...added], updatedAt: now });
  return json(
    200,
    added.map((attachment) => showAttachment(settings, attachment)),
  );
}

export function attachmentSettings({ settings }: Exchange) {
  return json(200, { enabled: true, uploadLimit: settings.attachmentLimit });
}

export function getAttachment(exchange: Exchange) {
  const { attachment } = theAttachment(exchange);
  // Jira shows this id as a number, unlike everywhere else.
  return json(200, { ...showAttachment(exchange.settings, attachment), id: Number(attachment.id), properties: {} });
}

/** Without `redirect=false` Jira sends the reader to its media store. */
export function attachmentContent(exchange: Exchange): ProductResponse {
  const { attachment } = theAttachment(exchange);
  if (exchange.url.searchParams.get('redirect') !== 'false') {
    const location = link(exchange.settings, `attachment/content/${attachment.id}?redirect=false`);
    return { status: 303, headers: { location }, body: '' };
  }
  const body = exchange.state.file(attachment.id);
  if (body === undefined) throw new JiraRefusal(404, ['The attachment file is missing.']);
  const name = encodeURIComponent(attachment.filename);
  return {
    status: 200,
    headers: { 'content-type': attachment.mimeType, 'content-disposition': `attachment; filename*=UTF-8''${name}` },
    body,
  };
}

export function deleteAttachment(exchange: Exchange) {
  const { issue, attachment } = theAttachment(exchange);
  const { user, state, now } = exchange;
  const own = attachment.author === user?.accountId && user.permissions.includes('DELETE_OWN_ATTACHMENTS');
  if (!own && !user?.permissions.includes('DELETE_ALL_ATTACHMENTS')) {
    throw new JiraRefusal(403, ['You do not have permission to delete attachments in this project.']);
  }
  const attachments = issue.attachments.filter(({ id }) => id !== attachment.id);
  state.save({ ...issue, attachments, updatedAt: now });
  return noContent;
}

function theAttachment({ state, params, user }: Exchange): { issue: IssueRecord; attachment: AttachmentRecord } {
  const id = params[0];
  for (const issue of user?.permissions.includes('BROWSE_PROJECTS') ? state.all() : []) {
    const attachment = issue.attachments.find((other) => other.id === id);
    if (attachment !== undefined) return { issue, attachment };
  }
  throw new JiraRefusal(404, [`The attachment with id '${id}' does not exist`]);
}
