import type { Jira } from '../../jira/jira';
import { findProject, findUser, priorities, projects } from '../../jira/site';
import { type AttachmentRecord, type IssueRecord, issueKey } from '../../jira/state';
import { type Html, html } from '../html';
import { documentHtml } from './document-html';
import { bytes, dateTime, page } from './layout';

/** Pages of the issue browser: what Jira's own pages would show of what the app made. */

const pageSize = 50;

const nameOf = (accountId: string | null): string =>
  accountId === null ? 'Unassigned' : (findUser(accountId)?.displayName ?? accountId);
const typeOf = (issue: IssueRecord): string =>
  findProject(issue.projectId)?.issueTypes.find(({ id }) => id === issue.issueTypeId)?.name ?? '';

/** The issues of a project, newest first; null when there is no such project. */
export function projectPage({ state }: Jira, projectKey: string, start: number): string | null {
  const project = findProject(projectKey);
  if (project === undefined) return null;
  const issues = state
    .all()
    .filter(({ projectId }) => projectId === project.id)
    .reverse();
  const shown = issues.slice(start, start + pageSize);
  const tabs = projects.map(
    ({ key, name }) =>
      html`<a href="/jira/projects/${key}"${key === project.key ? { html: ' aria-current="page"' } : null}>${name} (${key})</a>`,
  );
  const body = html`<h1>${project.name}</h1>
<nav class="links tabs" aria-label="Projects">${tabs}</nav>
${issues.length === 0 ? html`<p class="empty">No issues yet. Mail that arrives in a connected mailbox becomes an issue here.</p>` : issueTable(shown)}
<nav class="links pager" aria-label="Pages">
${start > 0 && html`<a href="?start=${Math.max(0, start - pageSize)}">Newer</a>`}
${issues.length > 0 && html`<span>${start + 1}–${start + shown.length} of ${issues.length}</span>`}
${start + pageSize < issues.length && html`<a href="?start=${start + pageSize}">Older</a>`}
</nav>`;
  return page({ title: `${project.name} issues`, here: 'issues', body });
}

function issueTable(issues: readonly IssueRecord[]): Html {
  const rows = issues.map(
    (issue) => html`<tr>
<td><a href="/jira/browse/${issueKey(issue)}">${issueKey(issue)}</a></td>
<td>${typeOf(issue)}</td>
<td class="wide"><a href="/jira/browse/${issueKey(issue)}">${issue.summary}</a></td>
<td>${nameOf(issue.reporter)}</td>
<td>${issue.attachments.length || ''}</td>
<td>${issue.comments.length || ''}</td>
<td>${dateTime(issue.createdAt)}</td>
</tr>`,
  );
  return html`<div class="scroll"><table class="list">
<thead><tr><th>Key</th><th>Type</th><th>Summary</th><th>Reporter</th><th>Attachments</th><th>Comments</th><th>Created</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>`;
}

/** One issue; null when there is none. */
export function issuePage({ state }: Jira, key: string): string | null {
  const issue = state.find(key);
  const project = issue && findProject(issue.projectId);
  if (issue === undefined || project === undefined) return null;
  const body = html`<nav class="crumbs" aria-label="Breadcrumb"><a href="/jira/projects/${project.key}">${project.name}</a> / ${issueKey(issue)}</nav>
<h1>${issue.summary}</h1>
<div class="issue">
<div>
<section aria-labelledby="description"><h2 id="description">Description</h2>
${issue.description === null ? html`<p class="empty">None</p>` : documentHtml(issue.description)}
</section>
<section aria-labelledby="attachments"><h2 id="attachments">Attachments (${issue.attachments.length})</h2>
${issue.attachments.length === 0 ? html`<p class="empty">None</p>` : html`<ul class="attachments">${issue.attachments.map(attachmentItem)}</ul>`}
</section>
<section aria-labelledby="comments"><h2 id="comments">Comments (${issue.comments.length})</h2>
${issue.comments.length === 0 && html`<p class="empty">None</p>`}
${issue.comments.map(
  (comment) =>
    html`<article><header><strong>${nameOf(comment.author)}</strong> ${dateTime(comment.createdAt)}</header>${documentHtml(comment.body)}</article>`,
)}
</section>
</div>
<aside>${details(issue)}${properties(issue)}</aside>
</div>`;
  return page({ title: `${issueKey(issue)} ${issue.summary}`, here: 'issues', body });
}

/** Types that a browser shows as a picture and never runs: SVG is not among them. */
const previewTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
export const isPreviewable = ({ mimeType }: AttachmentRecord): boolean => previewTypes.includes(mimeType.toLowerCase());

function attachmentItem(attachment: AttachmentRecord): Html {
  const href = `/jira/attachments/${attachment.id}`;
  return html`<li>
${isPreviewable(attachment) && html`<a href="${href}?preview"><img src="${href}?preview" alt=""></a>`}
<a href="${href}" download>${attachment.filename}</a>
<small>${bytes(attachment.size)}, ${attachment.mimeType}</small>
</li>`;
}

function details(issue: IssueRecord): Html {
  const rows: [string, string][] = [
    ['Type', typeOf(issue)],
    ['Status', 'To Do'],
    ['Priority', priorities.find(({ id }) => id === issue.priorityId)?.name ?? ''],
    ['Reporter', nameOf(issue.reporter)],
    ['Assignee', nameOf(issue.assignee)],
    ['Labels', issue.labels.join(', ') || 'None'],
    ['Created', `${dateTime(issue.createdAt)} by ${nameOf(issue.creator)}`],
    ['Updated', dateTime(issue.updatedAt)],
  ];
  return html`<h2>Details</h2><dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function properties(issue: IssueRecord): Html {
  const entries = Object.entries(issue.properties);
  if (entries.length === 0) return html``;
  return html`<h2>Properties</h2>${entries.map(
    ([key, value]) =>
      html`<details open><summary>${key}</summary><pre>${JSON.stringify(value, null, 2)}</pre></details>`,
  )}`;
}
