import type { ProductResponse } from '../forge/forge';
import { addAttachments, attachmentContent, attachmentSettings, deleteAttachment, getAttachment } from './attachments';
import { addComment, deleteComment, editComment, getComment, listComments } from './comments';
import type { Exchange } from './exchange';
import { createIssue, deleteIssue, editIssue, getIssue } from './issues';
import { allUsers, checkPermissions, getUser, myPermissions, myself, searchUsers, usersInBulk } from './people';
import { createMetaIssueTypes, getProject, projectIssueTypes, searchProjects } from './projects';
import { deleteProperty, getProperty, listProperties, putProperty } from './properties';
import { removedSearch, searchByBody, searchByQuery } from './search';
import { serverInfo } from './server-info';

export interface Route {
  method: string;
  /** Segments below /rest/api/3; `*` is a variable one. */
  path: string;
  /** One classic OAuth scope, as Atlassian's REST reference lists it for the operation. */
  scope: 'read:jira-user' | 'read:jira-work' | 'write:jira-work';
  answer: (exchange: Exchange) => ProductResponse | Promise<ProductResponse>;
}

const user = 'read:jira-user';
const read = 'read:jira-work';
const write = 'write:jira-work';

/** A route without variable segments goes before one that would match it too. */
export const routes: readonly Route[] = [
  { method: 'GET', path: 'serverInfo', scope: read, answer: serverInfo },
  { method: 'GET', path: 'myself', scope: user, answer: myself },
  { method: 'GET', path: 'user', scope: user, answer: getUser },
  { method: 'GET', path: 'user/bulk', scope: user, answer: usersInBulk },
  { method: 'GET', path: 'user/search', scope: user, answer: searchUsers },
  { method: 'GET', path: 'users', scope: user, answer: allUsers },
  { method: 'GET', path: 'users/search', scope: user, answer: allUsers },
  { method: 'GET', path: 'mypermissions', scope: read, answer: myPermissions },
  { method: 'POST', path: 'permissions/check', scope: read, answer: checkPermissions },
  { method: 'GET', path: 'project/search', scope: read, answer: searchProjects },
  { method: 'GET', path: 'project/*', scope: read, answer: getProject },
  { method: 'GET', path: 'issuetype/project', scope: read, answer: projectIssueTypes },
  { method: 'GET', path: 'issue/createmeta/*/issuetypes', scope: read, answer: createMetaIssueTypes },
  { method: 'POST', path: 'issue', scope: write, answer: createIssue },
  { method: 'GET', path: 'issue/*', scope: read, answer: getIssue },
  { method: 'PUT', path: 'issue/*', scope: write, answer: editIssue },
  { method: 'DELETE', path: 'issue/*', scope: write, answer: deleteIssue },
  { method: 'GET', path: 'issue/*/properties', scope: read, answer: listProperties },
  { method: 'GET', path: 'issue/*/properties/*', scope: read, answer: getProperty },
  { method: 'PUT', path: 'issue/*/properties/*', scope: write, answer: putProperty },
  { method: 'DELETE', path: 'issue/*/properties/*', scope: write, answer: deleteProperty },
  { method: 'GET', path: 'issue/*/comment', scope: read, answer: listComments },
  { method: 'POST', path: 'issue/*/comment', scope: write, answer: addComment },
  { method: 'GET', path: 'issue/*/comment/*', scope: read, answer: getComment },
  { method: 'PUT', path: 'issue/*/comment/*', scope: write, answer: editComment },
  { method: 'DELETE', path: 'issue/*/comment/*', scope: write, answer: deleteComment },
  { method: 'POST', path: 'issue/*/attachments', scope: write, answer: addAttachments },
  { method: 'GET', path: 'attachment/meta', scope: read, answer: attachmentSettings },
  { method: 'GET', path: 'attachment/content/*', scope: read, answer: attachmentContent },
  { method: 'GET', path: 'attachment/*', scope: read, answer: getAttachment },
  { method: 'DELETE', path: 'attachment/*', scope: write, answer: deleteAttachment },
  { method: 'GET', path: 'search/jql', scope: read, answer: searchByQuery },
  { method: 'POST', path: 'search/jql', scope: read, answer: searchByBody },
  { method: 'GET', path: 'search', scope: read, answer: removedSearch },
  { method: 'POST', path: 'search', scope: read, answer: removedSearch },
];

export type Match = { route: Route; params: string[] } | 'no-path' | 'no-method';

/** @param pathname with /rest/api/3 in front */
export function matchRoute(method: string, pathname: string): Match {
  if (!pathname.startsWith('/rest/api/3/')) return 'no-path';
  const segments = pathname.slice('/rest/api/3/'.length).split('/');
  let pathKnown = false;
  for (const route of routes) {
    const parts = route.path.split('/');
    if (parts.length !== segments.length || !parts.every((part, index) => part === '*' || part === segments[index]))
      continue;
    if (route.method === method) {
      return { route, params: segments.filter((_, index) => parts[index] === '*').map(decodeSegment) };
    }
    pathKnown = true;
  }
  return pathKnown ? 'no-method' : 'no-path';
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
