import { plainText } from './document';
import { type EntityProperty, isObject, JiraRefusal } from './exchange';
import { findProject, findUser } from './site';
import { type IssueRecord, issueKey, type Json } from './state';

/** How search reads one field of an issue. */
export interface SearchField {
  /** Every value that the issue has there. */
  values(issue: IssueRecord): (string | number)[];
  /** `text` is searched for words with `~`; `exact` and `ordered` are compared, `ordered` also with < and >. */
  kind: 'text' | 'exact' | 'ordered';
  /** Whether a value that the query names can exist; Jira refuses queries for projects and the like that do not. */
  exists?: (value: string) => boolean;
}

/** What the index of properties knows: which ones the manifest has indexed, and what each issue had there when it was. */
export interface PropertyIndex {
  properties: readonly EntityProperty[];
  of: ReadonlyMap<string, IssueRecord['properties']>;
}

const typeOf = (issue: IssueRecord) =>
  findProject(issue.projectId)?.issueTypes.find((type) => type.id === issue.issueTypeId)?.name ?? '';
const projectOf = (issue: IssueRecord) => {
  const project = findProject(issue.projectId);
  return project === undefined ? [] : [project.key, project.id, project.name];
};

const key: SearchField = { kind: 'exact', values: (issue) => [issueKey(issue), issue.id] };
const issueType: SearchField = { kind: 'exact', values: (issue) => [typeOf(issue), issue.issueTypeId] };
const created: SearchField = { kind: 'ordered', values: (issue) => [issue.createdAt] };
const updated: SearchField = { kind: 'ordered', values: (issue) => [issue.updatedAt] };
const exists = (accountId: string) => findUser(accountId) !== undefined;

const fields: Record<string, SearchField> = {
  project: {
    kind: 'exact',
    values: projectOf,
    exists: (value) => findProject(value) !== undefined || value === 'Support' || value === 'Development',
  },
  key,
  issue: key,
  issuekey: key,
  id: key,
  issuetype: issueType,
  type: issueType,
  status: { kind: 'exact', values: () => ['To Do', '10000'] },
  statuscategory: { kind: 'exact', values: () => ['To Do', 'new'] },
  labels: { kind: 'exact', values: (issue) => issue.labels },
  reporter: { kind: 'exact', values: (issue) => [issue.reporter], exists },
  creator: { kind: 'exact', values: (issue) => [issue.creator], exists },
  assignee: { kind: 'exact', values: (issue) => (issue.assignee === null ? [] : [issue.assignee]), exists },
  summary: { kind: 'text', values: (issue) => [issue.summary] },
  description: { kind: 'text', values: (issue) => (issue.description === null ? [] : [plainText(issue.description)]) },
  comment: { kind: 'text', values: (issue) => issue.comments.map((comment) => plainText(comment.body)) },
  text: {
    kind: 'text',
    values: (issue) => [
      issue.summary,
      plainText(issue.description),
      ...issue.comments.map(({ body }) => plainText(body)),
    ],
  },
  created,
  createddate: created,
  updated,
  updateddate: updated,
};

/**
 * The field that a query names: one of Jira's own, `issue.property['key'].path`, or a property's search alias. Only the quoted key is documented.
 * @throws JiraRefusal 400 for a field that is unknown, or a property that no module of the manifest indexes
 */
export function searchField(name: string, { properties, of }: PropertyIndex): SearchField {
  const own = Object.hasOwn(fields, name.toLowerCase()) ? fields[name.toLowerCase()] : undefined;
  if (own !== undefined) return own;
  const path = /^issue\.property\[(['"])(.+)\1\]\.(.+)$/.exec(name);
  for (const property of properties) {
    if ((property.entityType ?? 'issue') !== 'issue') continue;
    for (const value of property.values) {
      const named = path !== null && path[2] === property.propertyKey && path[3] === value.path;
      if (!named && !(path === null && value.searchAlias?.toLowerCase() === name.toLowerCase())) continue;
      return {
        kind: value.type === 'text' ? 'text' : value.type === 'number' || value.type === 'date' ? 'ordered' : 'exact',
        values: (issue) => valuesAt(of.get(issue.id)?.[property.propertyKey], value.path.split('.'), value.type),
      };
    }
  }
  throw new JiraRefusal(400, [`Field '${name}' does not exist or you do not have permission to view it.`]);
}

/** An array's elements are indexed one by one; what has another type than the index is not found. */
function valuesAt(value: Json | undefined, path: readonly string[], type: string): (string | number)[] {
  if (Array.isArray(value)) return value.flatMap((element) => valuesAt(element, path, type));
  const [first, ...rest] = path;
  if (first !== undefined)
    return isObject(value) && Object.hasOwn(value, first) ? valuesAt(value[first], rest, type) : [];
  if (type === 'number') return typeof value === 'number' ? [value] : [];
  if (type === 'date') return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? [Date.parse(value)] : [];
  return typeof value === 'string' ? [value] : [];
}
