import type { ApiAnswer } from '../provider/api-server';
import { graphError } from './errors';

const fields = {
  message: [
    'id',
    'receivedDateTime',
    'isRead',
    'parentFolderId',
    'internetMessageId',
    'subject',
    'hasAttachments',
    'from',
  ],
  folder: ['id', 'displayName', 'parentFolderId', 'childFolderCount', 'totalItemCount', 'unreadItemCount', 'isHidden'],
} as const;

export interface Query {
  select: readonly string[] | null;
  top: number;
  skip: number;
  expand: boolean;
  from: number;
  to: number;
  orderBy: 'asc' | 'desc' | null;
  isRead: boolean | null;
  count: boolean;
}

const size = /^singleValueExtendedProperties\(\s*\$filter=id eq 'Integer 0x0*E08'\s*\)$/i;
const condition = /^receivedDateTime (ge|gt|le|lt) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)$/;
const readCondition = /^isRead eq (true|false)$/;

/** Reads the OData options of a listing; an error as Graph gives it for what it (or the emulator) does not know. */
export function readQuery(
  query: URLSearchParams,
  type: keyof typeof fields,
  allowed: readonly string[],
): Query | ApiAnswer {
  const bad = (message: string) => graphError(400, 'RequestBroker--ParseUri', message);
  const unknown = [...query.keys()].find((name) => !allowed.includes(name));
  if (unknown !== undefined) return bad(`The query parameter '${unknown}' is not supported.`);
  const select = query.get('$select')?.split(',') ?? null;
  const wrong = select?.find((field) => !fields[type].some((known) => known === field));
  if (wrong !== undefined)
    return bad(`Could not find a property named '${wrong}' on type 'Microsoft.OutlookServices.${type}'.`);
  const top = Number(query.get('$top') ?? 10);
  if (!Number.isInteger(top) || top < 1 || top > 1_000) return bad('The limit of items for $top is 1000.');
  const expand = query.get('$expand');
  if (expand !== null && !size.test(expand)) return bad('The emulator expands only the size.');
  const result: Query = {
    select,
    top,
    skip: Number(query.get('$skip') ?? 0),
    expand: expand !== null,
    from: 0,
    to: Number.POSITIVE_INFINITY,
    orderBy: null,
    isRead: null,
    count: query.get('$count') === 'true',
  };
  const filter = query.get('$filter');
  const terms = filter?.split(' and ') ?? [];
  for (const term of terms) {
    const [, read] = readCondition.exec(term) ?? [];
    if (read !== undefined) {
      result.isRead = read === 'true';
      continue;
    }
    const [, operator, date = ''] = condition.exec(term) ?? [];
    const time = Date.parse(date);
    if (operator === undefined || Number.isNaN(time)) return bad(`Invalid filter clause: ${term}`);
    if (operator === 'ge') result.from = time;
    if (operator === 'gt') result.from = time + 1_000;
    // Dates have seconds: a message of half a second later is of the same one.
    if (operator === 'le') result.to = time + 1_000;
    if (operator === 'lt') result.to = time;
  }
  const order = /^receivedDateTime(?: (asc|desc))?$/.exec(query.get('$orderby') ?? '');
  if (query.has('$orderby') && order === null) return bad('The emulator sorts only by receivedDateTime.');
  if (order !== null) result.orderBy = order[1] === 'desc' ? 'desc' : 'asc';
  // What a listing is sorted by must be filtered by as well, before anything else.
  const [first] = terms;
  if (order !== null && first !== undefined && !first.startsWith('receivedDateTime '))
    return graphError(400, 'InefficientFilter', 'The restriction or sort order is too complex for this operation.');
  return result;
}

export function isAnswer(value: Query | ApiAnswer): value is ApiAnswer {
  return 'status' in value;
}
