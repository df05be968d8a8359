import type { ApiAnswer, ApiCall } from '../provider/api-server';
import { googleError, scopeMissing } from './errors';
import type { GmailAccount } from './mailbox';
import {
  batchModify,
  deleteMessage,
  getLabel,
  getMessage,
  getProfile,
  listHistory,
  listLabels,
  listMessages,
  modifyMessage,
  trashMessage,
} from './methods';

interface Route {
  method: string;
  path: RegExp;
  /** Quota units (Gmail API, "Usage limits"). */
  units: number;
  needs: 'read' | 'modify' | 'everything';
  parameters: readonly string[];
  run(account: GmailAccount, id: string, query: URLSearchParams, body: unknown): ApiAnswer;
}

const at = (tail: string) => new RegExp(`^/gmail/v1/users/me${tail}$`);
const routes: readonly Route[] = [
  {
    method: 'GET',
    path: at('/profile'),
    units: 1,
    needs: 'read',
    parameters: [],
    run: (account) => getProfile(account),
  },
  {
    method: 'GET',
    path: at('/labels'),
    units: 1,
    needs: 'read',
    parameters: [],
    run: (account) => listLabels(account),
  },
  {
    method: 'GET',
    path: at('/labels/([^/]+)'),
    units: 1,
    needs: 'read',
    parameters: [],
    run: (account, id) => getLabel(account, id),
  },
  {
    method: 'GET',
    path: at('/messages'),
    units: 5,
    needs: 'read',
    parameters: ['labelIds', 'maxResults', 'q', 'includeSpamTrash', 'pageToken'],
    run: (account, _, query) => listMessages(account, query),
  },
  {
    method: 'GET',
    path: at('/messages/([^/]+)'),
    units: 5,
    needs: 'read',
    parameters: ['format', 'metadataHeaders'],
    run: (account, id, query) => getMessage(account, id, query),
  },
  {
    method: 'GET',
    path: at('/history'),
    units: 2,
    needs: 'read',
    parameters: ['startHistoryId', 'labelId', 'historyTypes', 'maxResults', 'pageToken'],
    run: (account, _, query) => listHistory(account, query),
  },
  {
    method: 'POST',
    path: at('/messages/batchModify'),
    units: 50,
    needs: 'modify',
    parameters: [],
    run: (account, _, __, body) => batchModify(account, body),
  },
  {
    method: 'POST',
    path: at('/messages/([^/]+)/modify'),
    units: 5,
    needs: 'modify',
    parameters: [],
    run: (account, id, _, body) => modifyMessage(account, id, body),
  },
  {
    method: 'POST',
    path: at('/messages/([^/]+)/trash'),
    units: 5,
    needs: 'modify',
    parameters: [],
    run: (account, id) => trashMessage(account, id),
  },
  {
    method: 'DELETE',
    path: at('/messages/([^/]+)'),
    units: 10,
    needs: 'everything',
    parameters: [],
    run: (account, id) => deleteMessage(account, id),
  },
];

const everything = 'https://mail.google.com/';
const modify = 'https://www.googleapis.com/auth/gmail.modify';
const read = 'https://www.googleapis.com/auth/gmail.readonly';
const scopesFor = { read: [everything, modify, read], modify: [everything, modify], everything: [everything] };
/** Parameters that every method of Google's APIs takes. */
const common = new Set(['fields', 'alt', 'prettyPrint', 'quotaUser']);

/** Answers one call; `spend` takes quota units, and returns the refusal when there are none left. */
export function route(call: ApiCall, account: GmailAccount, spend: (units: number) => ApiAnswer | null): ApiAnswer {
  const found = routes.find((one) => one.method === call.method && one.path.test(call.path));
  if (found === undefined) return googleError(404);
  if (!call.access.scopes.some((scope) => scopesFor[found.needs].includes(scope))) return scopeMissing();
  const unknown = [...call.query.keys()].find((name) => !common.has(name) && !found.parameters.includes(name));
  if (unknown !== undefined) {
    return googleError(400, {
      message: `Invalid JSON payload received. Unknown name "${unknown}": Cannot bind query parameter.`,
    });
  }
  const refusal = spend(found.units);
  if (refusal !== null) return refusal;
  let body: unknown;
  try {
    body = call.body.byteLength === 0 ? {} : JSON.parse(call.body.toString());
  } catch {
    return googleError(400, { message: 'Invalid JSON payload received.', reason: 'parseError' });
  }
  const id = decodeURIComponent(found.path.exec(call.path)?.[1] ?? '');
  return onlyFields(found.run(account, id, call.query, body), call.query.get('fields'));
}

/** Partial responses as far as they are used: names at the top, `a/b` counting as a. */
function onlyFields(answer: ApiAnswer, fields: string | null): ApiAnswer {
  if (fields === null || answer.status !== 200 || typeof answer.body !== 'object' || answer.body === null)
    return answer;
  const wanted = new Set(fields.split(',').map((field) => field.split('/')[0]));
  return { ...answer, body: Object.fromEntries(Object.entries(answer.body).filter(([name]) => wanted.has(name))) };
}
