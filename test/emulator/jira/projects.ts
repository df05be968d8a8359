import { type Exchange, JiraRefusal, json, queryNumber } from './exchange';
import { link, showIssueType, showProject, showUser } from './representation';
import { findProject, type Project, projects, type User, users } from './site';

const visible = (user: User | null): readonly Project[] =>
  user?.permissions.includes('BROWSE_PROJECTS') ? projects : [];

/** The project if the caller may see it; Jira does not tell a hidden project from a missing one. */
function seenProject({ user }: Exchange, idOrKey: string): Project {
  const project = findProject(idOrKey);
  if (project === undefined || !visible(user).includes(project)) {
    throw new JiraRefusal(404, [`No project could be found with key '${idOrKey}'.`]);
  }
  return project;
}

export function searchProjects({ url, user, settings }: Exchange) {
  const query = (url.searchParams.get('query') ?? '').toLowerCase();
  const startAt = queryNumber(url, 'startAt', 0, Number.MAX_SAFE_INTEGER);
  const maxResults = queryNumber(url, 'maxResults', 50, 100);
  const ids = url.searchParams.getAll('id');
  const keys = url.searchParams.getAll('keys');
  const types = (url.searchParams.get('typeKey') ?? '').split(',').filter((type) => type !== '');
  const found = visible(user).filter(
    (project) =>
      (project.key.toLowerCase().includes(query) || project.name.toLowerCase().includes(query)) &&
      (ids.length === 0 || ids.includes(project.id)) &&
      (keys.length === 0 || keys.includes(project.key)) &&
      (types.length === 0 || types.includes(project.projectTypeKey)),
  );
  const sorted = [...found].sort((a, b) =>
    url.searchParams.get('orderBy')?.includes('name') ? a.name.localeCompare(b.name) : a.key.localeCompare(b.key),
  );
  const isLast = startAt + maxResults >= sorted.length;
  const next = new URLSearchParams(url.searchParams);
  next.set('startAt', String(startAt + maxResults));
  return json(200, {
    self: link(settings, `project/search${url.search}`),
    ...(isLast ? {} : { nextPage: link(settings, `project/search?${next}`) }),
    maxResults,
    startAt,
    total: sorted.length,
    isLast,
    values: sorted.slice(startAt, startAt + maxResults).map((project) => ({
      expand: 'description,lead,issueTypes,url,projectKeys,permissions,insight',
      ...showProject(settings, project),
      style: 'classic',
      isPrivate: false,
      properties: {},
    })),
  });
}

export function getProject(exchange: Exchange) {
  const { settings } = exchange;
  const project = seenProject(exchange, exchange.params[0] ?? '');
  const lead = users.find(({ accountId }) => accountId === 'admin');
  return json(200, {
    expand: 'description,lead,issueTypes,url,projectKeys,permissions,insight',
    ...showProject(settings, project),
    description: '',
    ...(lead === undefined ? {} : { lead: showUser(settings, lead) }),
    components: [],
    issueTypes: project.issueTypes.map((type) => showIssueType(settings, type)),
    assigneeType: 'UNASSIGNED',
    versions: [],
    roles: {},
    style: 'classic',
    isPrivate: false,
    properties: {},
  });
}

/** What can be created in a project, page by page. */
export function createMetaIssueTypes(exchange: Exchange) {
  const { url, settings, user } = exchange;
  const project = seenProject(exchange, exchange.params[0] ?? '');
  const startAt = queryNumber(url, 'startAt', 0, Number.MAX_SAFE_INTEGER);
  const maxResults = queryNumber(url, 'maxResults', 50, 200);
  const types = user?.permissions.includes('CREATE_ISSUES') ? project.issueTypes : [];
  return json(200, {
    startAt,
    maxResults,
    total: types.length,
    issueTypes: types
      .slice(startAt, startAt + maxResults)
      .map((type) => ({ ...showIssueType(settings, type), untranslatedName: type.name })),
  });
}

export function projectIssueTypes(exchange: Exchange) {
  const projectId = exchange.url.searchParams.get('projectId');
  if (projectId === null || !/^\d+$/.test(projectId)) throw new JiraRefusal(400, ['projectId must be provided.']);
  const project = seenProject(exchange, projectId);
  return json(
    200,
    project.issueTypes.map((type) => showIssueType(exchange.settings, type)),
  );
}
