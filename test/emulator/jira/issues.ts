import { type Exchange, isObject, JiraRefusal, json, noContent, objectBody, queryList, signedIn } from './exchange';
import { editedFields, namedProject } from './fields';
import { checkedProperty } from './properties';
import { issueFields, issueHead, link, pickFields, pickProperties } from './representation';
import { defaultPriorityId } from './site';
import { type IssueRecord, issueKey, type Json } from './state';

const createKeys = new Set(['fields', 'update', 'properties', 'transition', 'historyMetadata']);

/** The issue that the path names, if the caller may see it. */
export function seenIssue({ state, user }: Exchange, idOrKey: string): IssueRecord {
  const issue = state.find(idOrKey);
  if (issue === undefined || !user?.permissions.includes('BROWSE_PROJECTS')) {
    throw new JiraRefusal(404, ['Issue does not exist or you do not have permission to see it.']);
  }
  return issue;
}

export function createIssue(exchange: Exchange) {
  const { request, state, now, settings } = exchange;
  const user = signedIn(exchange);
  const body = objectBody(request);
  for (const key of Object.keys(body)) {
    if (!createKeys.has(key)) throw new JiraRefusal(400, [`Unrecognized field "${key}"`]);
  }
  if (!isObject(body.fields)) throw new JiraRefusal(400, ['Can not create an issue without fields.']);
  const named = namedProject(body.fields.project);
  const project = user.permissions.includes('BROWSE_PROJECTS') ? named : undefined;
  // A missing summary or type is refused like a wrong one, in the same answer.
  const edited = editedFields({ summary: undefined, issuetype: undefined, ...body.fields }, project);
  if (project === undefined || edited.summary === undefined || edited.issueTypeId === undefined) {
    throw new JiraRefusal(400, [], { project: 'valid project is required' });
  }
  if (!user.permissions.includes('CREATE_ISSUES')) {
    throw new JiraRefusal(403, ['You do not have permission to create issues in this project.']);
  }
  const issue: IssueRecord = {
    description: null,
    environment: null,
    priorityId: defaultPriorityId,
    labels: [],
    duedate: null,
    reporter: user.accountId,
    assignee: null,
    ...edited,
    summary: edited.summary,
    issueTypeId: edited.issueTypeId,
    properties: initialProperties(body.properties),
    id: state.nextId(),
    number: state.nextNumber(project.id),
    projectId: project.id,
    creator: user.accountId,
    comments: [],
    attachments: [],
    createdAt: now,
    updatedAt: now,
  };
  state.save(issue);
  return json(201, { id: issue.id, key: issueKey(issue), self: link(settings, `issue/${issue.id}`) });
}

function initialProperties(value: unknown): Record<string, Json> {
  if (value === undefined) return {};
  if (!Array.isArray(value)) throw new JiraRefusal(400, ['The properties must be an array of keys and values.']);
  const properties: Record<string, Json> = {};
  for (const entry of value) {
    if (!isObject(entry) || typeof entry.key !== 'string' || !('value' in entry)) {
      throw new JiraRefusal(400, ['Each property must have a key and a value.']);
    }
    properties[entry.key] = checkedProperty(entry.key, entry.value);
  }
  return properties;
}

export function getIssue(exchange: Exchange) {
  const { url, settings } = exchange;
  const issue = seenIssue(exchange, exchange.params[0] ?? '');
  const properties = queryList(url, 'properties');
  return json(200, {
    ...issueHead(settings, issue),
    fields: pickFields(issueFields(settings, issue), queryList(url, 'fields')),
    ...(properties.length === 0 ? {} : { properties: pickProperties(issue, properties) }),
    ...(queryList(url, 'expand').includes('names') ? { names: fieldNames(settings, issue) } : {}),
  });
}

const fieldNames = (settings: Exchange['settings'], issue: IssueRecord) =>
  Object.fromEntries(Object.keys(issueFields(settings, issue)).map((id) => [id, id]));

export function editIssue(exchange: Exchange) {
  const { request, state, now } = exchange;
  const issue = seenIssue(exchange, exchange.params[0] ?? '');
  const body = objectBody(request);
  if (!exchange.user?.permissions.includes('EDIT_ISSUES')) {
    throw new JiraRefusal(403, ['You do not have permission to edit issues in this project.']);
  }
  const fields = isObject(body.fields) ? body.fields : {};
  const edited = editedFields(fields, namedProject({ id: issue.projectId }));
  const properties = { ...issue.properties, ...initialProperties(body.properties) };
  state.save({ ...issue, ...edited, properties, updatedAt: now });
  return noContent;
}

export function deleteIssue(exchange: Exchange) {
  const issue = seenIssue(exchange, exchange.params[0] ?? '');
  if (!exchange.user?.permissions.includes('DELETE_ISSUES')) {
    throw new JiraRefusal(403, ['You do not have permission to delete issues in this project.']);
  }
  exchange.state.remove(issue.id);
  return noContent;
}
