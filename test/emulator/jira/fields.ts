import { richText } from './document';
import { isObject, JiraRefusal } from './exchange';
import { findProject, findUser, type Project, priorities } from './site';
import type { IssueRecord } from './state';

/** Characters of a summary. */
const summaryLimit = 255;

export type EditableFields = Pick<
  IssueRecord,
  | 'summary'
  | 'description'
  | 'environment'
  | 'priorityId'
  | 'labels'
  | 'duedate'
  | 'reporter'
  | 'assignee'
  | 'issueTypeId'
>;

const known = new Set([
  ...[
    'project',
    'issuetype',
    'summary',
    'description',
    'environment',
    'priority',
    'labels',
    'duedate',
    'reporter',
    'assignee',
  ],
]);

/**
 * The fields of a create or edit request, all of them checked; what is wrong is told together, as Jira does.
 * @param project where the issue is, or will be; undefined when the request names none that exists
 * @throws JiraRefusal 400
 */
export function editedFields(fields: Record<string, unknown>, project: Project | undefined): Partial<EditableFields> {
  const errors: Record<string, string> = {};
  const edited: Partial<EditableFields> = {};
  for (const name of Object.keys(fields)) {
    if (!known.has(name))
      errors[name] = `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`;
  }
  if (project === undefined) errors.project = 'valid project is required';

  if ('issuetype' in fields) {
    const type = project?.issueTypes.find(({ id, name }) => matches(fields.issuetype, { id, name }));
    if (type !== undefined) edited.issueTypeId = type.id;
    else if (project !== undefined) errors.issuetype = 'Specify a valid issue type';
  }
  if ('summary' in fields) {
    const problem = summaryProblem(fields.summary);
    if (problem !== null) errors.summary = problem;
    else edited.summary = String(fields.summary).trim();
  }
  if ('priority' in fields && fields.priority !== null) {
    const priority = priorities.find(({ id, name }) => matches(fields.priority, { id, name }));
    if (priority !== undefined) edited.priorityId = priority.id;
    else errors.priority = 'Specify the Priority (id or name) in the string format';
  }
  if ('labels' in fields) {
    const labels = labelsOf(fields.labels);
    if (typeof labels === 'string') errors.labels = labels;
    else edited.labels = labels;
  }
  if ('duedate' in fields) {
    if (fields.duedate === null || isDate(fields.duedate)) edited.duedate = fields.duedate;
    else errors.duedate = "Error parsing date string: use the format 'yyyy-MM-dd'";
  }
  if ('reporter' in fields) {
    const user = account(fields.reporter);
    if (user !== undefined) edited.reporter = user.accountId;
    else errors.reporter = 'Reporter is required.';
  }
  if ('assignee' in fields && fields.assignee !== null) {
    const user = account(fields.assignee);
    if (user?.permissions.includes('ASSIGNABLE_USER')) edited.assignee = user.accountId;
    else errors.assignee = `User '${user?.accountId ?? ''}' cannot be assigned issues.`;
  } else if ('assignee' in fields) edited.assignee = null;

  if (Object.keys(errors).length > 0) throw new JiraRefusal(400, [], errors);
  if ('description' in fields) edited.description = richText('description', fields.description);
  if ('environment' in fields) edited.environment = richText('environment', fields.environment);
  return edited;
}

/** The project that a create request names by id or key. */
export function namedProject(value: unknown): Project | undefined {
  if (!isObject(value)) return undefined;
  const name = value.id ?? value.key;
  return typeof name === 'string' ? findProject(name) : undefined;
}

export function summaryProblem(value: unknown): string | null {
  if (value === undefined || value === null) return 'You must specify a summary of the issue.';
  if (typeof value !== 'string') return 'Operation value must be a string';
  if (value.trim() === '') return 'You must specify a summary of the issue.';
  if (/[\r\n]/.test(value)) return 'The summary is invalid because it contains newline characters.';
  if (value.length > summaryLimit) return `Summary can't exceed ${summaryLimit} characters.`;
  return null;
}

function matches(value: unknown, named: { id: string; name: string }): boolean {
  if (!isObject(value)) return false;
  if (value.id !== undefined) return value.id === named.id;
  return typeof value.name === 'string' && value.name.toLowerCase() === named.name.toLowerCase();
}

const account = (value: unknown) => {
  if (!isObject(value)) return undefined;
  const id = value.accountId ?? value.id;
  return typeof id === 'string' ? findUser(id) : undefined;
};

const isDate = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));

/** The labels, or what is wrong with them. */
function labelsOf(value: unknown): string[] | string {
  if (!Array.isArray(value)) return 'data was not an array';
  const labels: string[] = [];
  for (const label of value) {
    if (typeof label !== 'string') return 'string expected at index 0';
    if (/\s/.test(label)) return `The label '${label}' contains spaces which is invalid.`;
    if (label.length > 255) return `The label '${label}' exceeds the limit of 255 characters`;
    if (!labels.includes(label)) labels.push(label);
  }
  return labels;
}
