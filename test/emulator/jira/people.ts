import { type Exchange, isObject, JiraRefusal, json, objectBody, queryList, queryNumber, signedIn } from './exchange';
import { showUser } from './representation';
import { findProject, findUser, globalPermissions, knownPermissions, type User, users } from './site';

export const myself = (exchange: Exchange) =>
  json(200, {
    ...showUser(exchange.settings, signedIn(exchange)),
    locale: 'en_US',
    groups: { size: 0, items: [] },
    applicationRoles: { size: 0, items: [] },
  });

export function getUser(exchange: Exchange) {
  signedIn(exchange);
  const accountId = exchange.url.searchParams.get('accountId') ?? '';
  const user = findUser(accountId);
  if (user === undefined) {
    throw new JiraRefusal(404, ['Specified user does not exist or you do not have required permissions']);
  }
  return json(200, {
    ...showUser(exchange.settings, user),
    locale: 'en_US',
    groups: { size: 0, items: [] },
    applicationRoles: { size: 0, items: [] },
  });
}

export function searchUsers(exchange: Exchange) {
  signedIn(exchange);
  const { url, settings } = exchange;
  const query = url.searchParams.get('query');
  const accountId = url.searchParams.get('accountId');
  if (query === null && accountId === null) {
    throw new JiraRefusal(400, [
      'Either the "query", "username", "accountId" or "property" query parameter must be provided',
    ]);
  }
  const words = (query ?? '').toLowerCase();
  const found = users.filter((user) =>
    accountId === null
      ? user.emailAddress.toLowerCase().startsWith(words) || ` ${user.displayName.toLowerCase()}`.includes(` ${words}`)
      : user.accountId === accountId,
  );
  return json(
    200,
    page(url, found).map((user) => showUser(settings, user)),
  );
}

/** People by account id, in the order in which Jira keeps them; who is not there is left out. */
export function usersInBulk(exchange: Exchange) {
  signedIn(exchange);
  const { url, settings } = exchange;
  const wanted = url.searchParams.getAll('accountId');
  if (wanted.length === 0) throw new JiraRefusal(400, ['accountId parameter is required']);
  const startAt = queryNumber(url, 'startAt', 0, Number.MAX_SAFE_INTEGER);
  const maxResults = queryNumber(url, 'maxResults', 10, 200);
  const found = users.filter((user) => wanted.includes(user.accountId));
  const values = found.slice(startAt, startAt + maxResults).map((user) => showUser(settings, user));
  return json(200, { startAt, maxResults, total: found.length, isLast: startAt + maxResults >= found.length, values });
}

export function allUsers(exchange: Exchange) {
  signedIn(exchange);
  return json(
    200,
    page(exchange.url, users).map((user) => showUser(exchange.settings, user)),
  );
}

function page(url: URL, found: readonly User[]): readonly User[] {
  const startAt = queryNumber(url, 'startAt', 0, Number.MAX_SAFE_INTEGER);
  return found.slice(startAt, startAt + queryNumber(url, 'maxResults', 50, 1_000));
}

/** Nobody is signed in: Jira answers all the same, and grants nothing. */
export function myPermissions({ url, user }: Exchange) {
  const wanted = queryList(url, 'permissions');
  if (wanted.length === 0) throw new JiraRefusal(400, ["The 'permissions' query parameter is required."]);
  refuseUnknownPermissions(wanted);
  const project = url.searchParams.get('projectKey') ?? url.searchParams.get('projectId');
  if (project !== null && findProject(project) === undefined) {
    throw new JiraRefusal(404, [`No project could be found with key or id '${project}'.`]);
  }
  const permissions = wanted.map((key) => [
    key,
    {
      id: String(knownPermissions.indexOf(key)),
      key,
      name: key,
      type: globalPermissions.includes(key) ? 'GLOBAL' : 'PROJECT',
      description: '',
      havePermission: user?.permissions.includes(key) ?? false,
    },
  ]);
  return json(200, { permissions: Object.fromEntries(permissions) });
}

export function checkPermissions(exchange: Exchange) {
  const body = objectBody(exchange.request);
  const asked = body.accountId;
  const user = typeof asked === 'string' ? findUser(asked) : exchange.user;
  if (user === null) throw new JiraRefusal(401, ['Client must be authenticated to access this resource.']);
  if (user === undefined) throw new JiraRefusal(400, [`User with account ID ${asked} does not exist.`]);
  const own = exchange.user?.accountId === user.accountId;
  if (!own && exchange.request.as.type !== 'app' && !exchange.user?.permissions.includes('ADMINISTER')) {
    throw new JiraRefusal(403, [
      'You are not authorized to perform this action. Administrator privileges are required.',
    ]);
  }
  const global = strings(body.globalPermissions);
  refuseUnknownPermissions(global);
  const perProject = Array.isArray(body.projectPermissions) ? body.projectPermissions.filter(isObject) : [];
  const projectPermissions = perProject.flatMap((entry) => {
    const permissions = strings(entry.permissions);
    refuseUnknownPermissions(permissions);
    const exists = (id: number) => findProject(String(id)) !== undefined;
    const seesIssue = (id: number) => exchange.state.find(String(id)) !== undefined;
    return permissions
      .filter((permission) => user.permissions.includes(permission))
      .map((permission) => ({
        permission,
        issues: numbers(entry.issues).filter(seesIssue),
        projects: numbers(entry.projects).filter(exists),
      }));
  });
  return json(200, {
    globalPermissions: global.filter((permission) => user.permissions.includes(permission)),
    projectPermissions,
  });
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
const numbers = (value: unknown): number[] =>
  Array.isArray(value) ? value.filter((entry): entry is number => typeof entry === 'number') : [];

function refuseUnknownPermissions(keys: readonly string[]): void {
  const unknown = keys.filter((key) => !knownPermissions.includes(key));
  if (unknown.length > 0) throw new JiraRefusal(400, [`Unrecognized permission(s): ${unknown.join(', ')}`]);
}
