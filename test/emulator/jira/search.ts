import { type Exchange, JiraRefusal, json, objectBody, queryList, queryNumber } from './exchange';
import { type Clause, parseJql, type Query } from './jql';
import { issueFields, issueHead, pickFields, pickProperties } from './representation';
import { type PropertyIndex, type SearchField, searchField } from './search-fields';
import type { IssueRecord } from './state';

interface SearchRequest {
  jql: string;
  fields: string[];
  properties: string[];
  nextPageToken: string | null;
  maxResults: number;
  reconcileIssues: string[];
}

type Test = (issue: IssueRecord) => boolean;

/** Ids that one search can ask to be up to date. */
const reconcileLimit = 50;

export const searchByQuery = ({ url, ...exchange }: Exchange) =>
  answer(
    { url, ...exchange },
    {
      jql: url.searchParams.get('jql') ?? '',
      fields: queryList(url, 'fields'),
      properties: queryList(url, 'properties'),
      nextPageToken: url.searchParams.get('nextPageToken'),
      maxResults: queryNumber(url, 'maxResults', 50, 5_000),
      reconcileIssues: queryList(url, 'reconcileIssues'),
    },
  );

export function searchByBody(exchange: Exchange) {
  const body = objectBody(exchange.request);
  const list = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  return answer(exchange, {
    jql: typeof body.jql === 'string' ? body.jql : '',
    fields: list(body.fields),
    properties: list(body.properties),
    nextPageToken: typeof body.nextPageToken === 'string' ? body.nextPageToken : null,
    maxResults: typeof body.maxResults === 'number' ? Math.min(body.maxResults, 5_000) : 50,
    reconcileIssues: list(body.reconcileIssues),
  });
}

/** The search that Atlassian removed; whoever still calls it must learn of it. */
export function removedSearch(): never {
  throw new JiraRefusal(410, [
    'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046',
  ]);
}

function answer({ state, settings, user, now }: Exchange, request: SearchRequest) {
  if (request.reconcileIssues.length > reconcileLimit) {
    throw new JiraRefusal(400, [`reconcileIssues can hold at most ${reconcileLimit} ids.`]);
  }
  const query = parseJql(request.jql);
  if (query.where === null) {
    throw new JiraRefusal(400, [
      'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.',
    ]);
  }
  const index: PropertyIndex = { properties: settings.entityProperties, of: state.indexedProperties() };
  const test = compiled(query.where, index, now);
  const startAt = request.nextPageToken === null ? 0 : tokenPosition(request.nextPageToken);
  const fresh = new Set(request.reconcileIssues);
  const known = user?.permissions.includes('BROWSE_PROJECTS') ? state.indexed() : [];
  const upToDate = [...known.filter(({ id }) => !fresh.has(id)), ...state.all().filter(({ id }) => fresh.has(id))];
  const found = upToDate.filter(test).sort(order(query.orderBy));
  const end = startAt + Math.max(1, request.maxResults);
  const isLast = end >= found.length;
  return json(200, {
    issues: found.slice(startAt, end).map((issue) => shown(settings, issue, request)),
    isLast,
    ...(isLast ? {} : { nextPageToken: Buffer.from(`after:${end}`).toString('base64url') }),
  });
}

/** Without `fields` this search answers nothing but ids. */
function shown(settings: Exchange['settings'], issue: IssueRecord, { fields, properties }: SearchRequest) {
  if (fields.length === 0 && properties.length === 0) return { id: issue.id };
  const picked = fields.length === 0 ? {} : { fields: pickFields(issueFields(settings, issue), fields) };
  return {
    ...issueHead(settings, issue),
    ...picked,
    ...(properties.length === 0 ? {} : { properties: pickProperties(issue, properties) }),
  };
}

function tokenPosition(token: string): number {
  const match = /^after:(\d+)$/.exec(Buffer.from(token, 'base64url').toString());
  if (match === null) throw new JiraRefusal(400, ['The provided next page token is invalid.']);
  return Number(match[1]);
}

function order(keys: Query['orderBy']): (a: IssueRecord, b: IssueRecord) => number {
  const readers: Record<string, (issue: IssueRecord) => string | number> = {
    created: (issue) => issue.createdAt,
    updated: (issue) => issue.updatedAt,
    summary: (issue) => issue.summary.toLowerCase(),
    key: (issue) => Number(issue.projectId) * 1e9 + issue.number,
    id: (issue) => Number(issue.id),
  };
  // Jira's own order is the newest first.
  const sorted = keys.length === 0 ? [{ field: 'created', descending: true }] : keys;
  return (a, b) => {
    for (const { field, descending } of [...sorted, { field: 'id', descending: sorted[0]?.descending ?? true }]) {
      const read = readers[field === 'issuekey' ? 'key' : field];
      if (read === undefined) throw new JiraRefusal(400, [`Not able to sort using field '${field}'.`]);
      const [left, right] = [read(a), read(b)];
      if (left !== right) return (left < right ? -1 : 1) * (descending ? -1 : 1);
    }
    return 0;
  };
}

function compiled(clause: Clause, properties: PropertyIndex, now: number): Test {
  if (clause.type === 'not') {
    const inner = compiled(clause.clause, properties, now);
    return (issue) => !inner(issue);
  }
  if (clause.type !== 'compare') {
    const tests = clause.clauses.map((part) => compiled(part, properties, now));
    return clause.type === 'and'
      ? (issue) => tests.every((test) => test(issue))
      : (issue) => tests.some((test) => test(issue));
  }
  return comparison(clause, searchField(clause.field, properties), now);
}

function comparison(
  { field: name, operator, values }: Extract<Clause, { type: 'compare' }>,
  field: SearchField,
  now: number,
): Test {
  const refuse = () => new JiraRefusal(400, [`The operator '${operator}' is not supported by the '${name}' field.`]);
  const only = values[0] ?? '';
  if (operator === 'is' || operator === 'is not') {
    if (!['empty', 'null'].includes(only.toLowerCase())) throw refuse();
    return (issue) => (field.values(issue).length === 0) === (operator === 'is');
  }
  if (operator === '~' || operator === '!~') {
    if (field.kind !== 'text') throw refuse();
    const words = wordsOf(only);
    return (issue) => {
      const present = new Set(field.values(issue).flatMap((value) => wordsOf(String(value))));
      return words.every((word) => present.has(word)) === (operator === '~');
    };
  }
  if (field.kind === 'text') throw refuse();
  for (const value of values) {
    if (field.exists !== undefined && !field.exists(value) && !['empty', 'null'].includes(value.toLowerCase())) {
      throw new JiraRefusal(400, [`The value '${value}' does not exist for the field '${name}'.`]);
    }
  }
  if (operator === '=' || operator === 'in') return (issue) => values.some((value) => holds(field, issue, value, now));
  if (operator === '!=' || operator === 'not in') {
    // An issue without any value there is found by neither `=` nor `!=`.
    return (issue) => field.values(issue).length > 0 && !values.some((value) => holds(field, issue, value, now));
  }
  if (field.kind !== 'ordered') throw refuse();
  const limit = orderedValue(only, now);
  const compare = {
    '<': (a: number) => a < limit,
    '<=': (a: number) => a <= limit,
    '>': (a: number) => a > limit,
    '>=': (a: number) => a >= limit,
  }[operator];
  return (issue) => field.values(issue).some((value) => compare(Number(value)));
}

function holds(field: SearchField, issue: IssueRecord, value: string, now: number): boolean {
  if (field.kind === 'ordered') return field.values(issue).includes(orderedValue(value, now));
  return field.values(issue).some((own) => String(own).toLowerCase() === value.toLowerCase());
}

/** A number, a date (2026-11-20, 2026/11/20 08:15), or a time from now (-90m, 2w). */
function orderedValue(text: string, now: number): number {
  const [, amount, unit] = /^([+-]?\d+)([mhdw])$/.exec(text) ?? [];
  if (unit !== undefined) return now + Number(amount) * minutesOf(unit) * 60_000;
  const number = Number(text);
  if (text.trim() !== '' && !Number.isNaN(number)) return number;
  const time = Date.parse(text.replaceAll('/', '-').replace(' ', 'T'));
  if (Number.isNaN(time))
    throw new JiraRefusal(400, [
      `Date value '${text}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd'.`,
    ]);
  return time;
}

const minutesOf = (unit: string): number => ({ m: 1, h: 60, d: 24 * 60, w: 7 * 24 * 60 })[unit] ?? 0;

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
