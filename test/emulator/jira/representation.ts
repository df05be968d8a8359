import type { Exchange } from './exchange';
import { findProject, findUser, type IssueType, type Project, priorities, type User } from './site';
import { type AttachmentRecord, type CommentRecord, type IssueRecord, issueKey } from './state';

/** How Jira shows its things in JSON. */
type Site = Pick<Exchange['settings'], 'siteUrl'>;

export const link = ({ siteUrl }: Site, path: string): string => `${siteUrl}/rest/api/3/${path}`;

/** 2026-11-20T07:09:22.000+0000 */
export const jiraDate = (time: number): string => new Date(time).toISOString().replace('Z', '+0000');

const avatarUrls = ({ siteUrl }: Site) =>
  Object.fromEntries(['16x16', '24x24', '32x32', '48x48'].map((size) => [size, `${siteUrl}/avatar.svg`]));

export function showUser(site: Site, user: User): Record<string, unknown> {
  return {
    self: link(site, `user?accountId=${encodeURIComponent(user.accountId)}`),
    accountId: user.accountId,
    accountType: user.accountType,
    ...(user.emailAddress === '' ? {} : { emailAddress: user.emailAddress }),
    avatarUrls: avatarUrls(site),
    displayName: user.displayName,
    active: true,
    timeZone: user.timeZone,
  };
}

const showAccount = (site: Site, accountId: string | null) => {
  const user = accountId === null ? undefined : findUser(accountId);
  return user === undefined ? null : showUser(site, user);
};

export const showIssueType = (site: Site, type: IssueType) => ({
  self: link(site, `issuetype/${type.id}`),
  id: type.id,
  description: type.description,
  iconUrl: `${site.siteUrl}/avatar.svg`,
  name: type.name,
  subtask: type.subtask,
  hierarchyLevel: type.subtask ? -1 : 0,
});

export const showProject = (site: Site, project: Project) => ({
  self: link(site, `project/${project.id}`),
  id: project.id,
  key: project.key,
  name: project.name,
  avatarUrls: avatarUrls(site),
  projectTypeKey: project.projectTypeKey,
  simplified: false,
});

export const showComment = (site: Site, issue: IssueRecord, comment: CommentRecord) => ({
  self: link(site, `issue/${issue.id}/comment/${comment.id}`),
  id: comment.id,
  author: showAccount(site, comment.author),
  body: comment.body,
  updateAuthor: showAccount(site, comment.author),
  created: jiraDate(comment.createdAt),
  updated: jiraDate(comment.updatedAt),
  jsdPublic: true,
});

export const showComments = (site: Site, issue: IssueRecord) => ({
  comments: issue.comments.map((comment) => showComment(site, issue, comment)),
  self: link(site, `issue/${issue.id}/comment`),
  maxResults: issue.comments.length,
  total: issue.comments.length,
  startAt: 0,
});

export const showAttachment = (site: Site, attachment: AttachmentRecord) => ({
  self: link(site, `attachment/${attachment.id}`),
  id: attachment.id,
  filename: attachment.filename,
  author: showAccount(site, attachment.author),
  created: jiraDate(attachment.createdAt),
  size: attachment.size,
  mimeType: attachment.mimeType,
  content: link(site, `attachment/content/${attachment.id}`),
  ...(attachment.mimeType.startsWith('image/')
    ? { thumbnail: link(site, `attachment/thumbnail/${attachment.id}`) }
    : {}),
});

/** Every field of an issue; a request picks from them. */
export function issueFields(site: Site, issue: IssueRecord): Record<string, unknown> {
  const project = findProject(issue.projectId);
  const issueType = project?.issueTypes.find((type) => type.id === issue.issueTypeId);
  const priority = priorities.find(({ id }) => id === issue.priorityId);
  return {
    summary: issue.summary,
    description: issue.description,
    environment: issue.environment,
    project: project === undefined ? null : showProject(site, project),
    issuetype: issueType === undefined ? null : showIssueType(site, issueType),
    status: {
      self: link(site, 'status/10000'),
      description: '',
      iconUrl: `${site.siteUrl}/avatar.svg`,
      name: 'To Do',
      id: '10000',
      statusCategory: {
        self: link(site, 'statuscategory/2'),
        id: 2,
        key: 'new',
        colorName: 'blue-gray',
        name: 'To Do',
      },
    },
    priority:
      priority === undefined
        ? null
        : { self: link(site, `priority/${priority.id}`), iconUrl: `${site.siteUrl}/avatar.svg`, ...priority },
    labels: issue.labels,
    components: [],
    duedate: issue.duedate,
    reporter: showAccount(site, issue.reporter),
    creator: showAccount(site, issue.creator),
    assignee: showAccount(site, issue.assignee),
    created: jiraDate(issue.createdAt),
    updated: jiraDate(issue.updatedAt),
    resolution: null,
    attachment: issue.attachments.map((attachment) => showAttachment(site, attachment)),
    comment: showComments(site, issue),
  };
}

/** Fields that `*navigable` leaves out. */
const notNavigable = new Set(['comment', 'attachment']);

/** Picks as the `fields` parameter says: names, `*all`, `*navigable`, and `-name` to leave one out. */
export function pickFields(all: Record<string, unknown>, wanted: readonly string[]): Record<string, unknown> {
  const included = wanted.filter((name) => !name.startsWith('-'));
  const excluded = new Set(wanted.filter((name) => name.startsWith('-')).map((name) => name.slice(1)));
  const everything = included.includes('*all') || included.length === 0;
  const names = Object.keys(all).filter(
    (name) =>
      !excluded.has(name) &&
      (everything || included.includes(name) || (included.includes('*navigable') && !notNavigable.has(name))),
  );
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}

/** Properties of an issue as the `properties` parameter asks for them. */
export function pickProperties(issue: IssueRecord, wanted: readonly string[]): Record<string, unknown> {
  if (wanted.includes('*all')) return issue.properties;
  return Object.fromEntries(Object.entries(issue.properties).filter(([key]) => wanted.includes(key)));
}

export const issueHead = (site: Site, issue: IssueRecord) => ({
  expand: 'renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations',
  id: issue.id,
  self: link(site, `issue/${issue.id}`),
  key: issueKey(issue),
});
