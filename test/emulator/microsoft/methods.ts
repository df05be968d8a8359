import type { ApiAnswer, ApiCall } from '../provider/api-server';
import { graphError } from './errors';
import {
  byId,
  type ExchangeMailbox,
  findFolder,
  markRead,
  moveMessage,
  removeMessage,
  type StoredMessage,
} from './mailbox';
import { isAnswer, readQuery } from './odata';
import { folderJson, messageJson, select } from './representation';

/** What a method is called with; `link` makes an absolute link to the same resource. */
export interface MethodCall {
  call: ApiCall;
  mailbox: ExchangeMailbox;
  folder: string | null;
  immutable: boolean;
  link(query: string): string;
}

export function listFolders({ call, mailbox, folder, link }: MethodCall): ApiAnswer {
  const query = readQuery(call.query, 'folder', ['$select', '$top', '$skip']);
  if (isAnswer(query)) return query;
  const children = [...mailbox.folders.values()].filter((one) => one.parent === folder);
  const value = children
    .slice(query.skip, query.skip + query.top)
    .map((one) => select(folderJson(mailbox, one), query.select));
  return { status: 200, body: { value, ...nextLink(call, query.skip + query.top, children.length, link) } };
}

export function getFolder({ call, mailbox, folder }: MethodCall): ApiAnswer {
  const query = readQuery(call.query, 'folder', ['$select']);
  if (isAnswer(query)) return query;
  const found = mailbox.folders.get(folder ?? '');
  return found === undefined ? notFound() : { status: 200, body: select(folderJson(mailbox, found), query.select) };
}

export function listMessages({ call, mailbox, folder, immutable, link }: MethodCall): ApiAnswer {
  const query = readQuery(call.query, 'message', [
    ...['$select', '$top', '$skip', '$filter', '$orderby', '$expand', '$count'],
  ]);
  if (isAnswer(query)) return query;
  const sign = query.orderBy === 'asc' ? 1 : -1;
  const found = [...mailbox.messages.values()]
    .filter((one) => one.folder === folder && one.received >= query.from && one.received < query.to)
    .filter((one) => query.isRead === null || one.isRead === query.isRead)
    .sort(
      (a, b) => sign * (Math.floor(a.received / 1_000) - Math.floor(b.received / 1_000)) || (a.key < b.key ? 1 : -1),
    );
  const value = found
    .slice(query.skip, query.skip + query.top)
    .map((one) => select(messageJson(one, immutable, query.expand), query.select));
  const count = query.count ? { '@odata.count': found.length } : {};
  // Pages go by number, and so skip messages when others have left meanwhile.
  return { status: 200, body: { ...count, value, ...nextLink(call, query.skip + query.top, found.length, link) } };
}

export function getMessage(method: MethodCall, id: string): ApiAnswer {
  const query = readQuery(method.call.query, 'message', ['$select', '$expand']);
  if (isAnswer(query)) return query;
  const message = find(method, id);
  if ('status' in message) return message;
  return { status: 200, body: select(messageJson(message, method.immutable, query.expand), query.select) };
}

export function getValue(method: MethodCall, id: string): ApiAnswer {
  const message = find(method, id);
  return 'status' in message ? message : { status: 200, body: message.raw };
}

export function updateMessage(method: MethodCall, id: string): ApiAnswer {
  const body = readBody(method.call, ['isRead']);
  if ('status' in body) return body;
  const message = find(method, id);
  if ('status' in message) return message;
  if (typeof body.fields.isRead === 'boolean') markRead(method.mailbox, message, body.fields.isRead);
  return { status: 200, body: messageJson(message, method.immutable, false) };
}

/** Into Deleted Items; from there it is gone. */
export function deleteMessage(method: MethodCall, id: string): ApiAnswer {
  const message = find(method, id);
  if ('status' in message) return message;
  const trash = findFolder(method.mailbox, 'deleteditems');
  if (trash === undefined || message.folder === trash.id) removeMessage(method.mailbox, message);
  else moveMessage(method.mailbox, message, trash.id);
  return { status: 204 };
}

export function moveTo(method: MethodCall, id: string): ApiAnswer {
  const body = readBody(method.call, ['destinationId']);
  if ('status' in body) return body;
  const message = find(method, id);
  if ('status' in message) return message;
  const target = findFolder(method.mailbox, String(body.fields.destinationId));
  if (target === undefined)
    return graphError(404, 'ErrorItemNotFound', 'The specified folder could not be found in the store.');
  moveMessage(method.mailbox, message, target.id);
  return { status: 201, body: messageJson(message, method.immutable, false) };
}

/** The message, if it is in the folder of the path. */
function find({ mailbox, folder }: MethodCall, id: string): StoredMessage | ApiAnswer {
  const message = byId(mailbox, id);
  if (message === 'malformed') return graphError(400, 'ErrorInvalidIdMalformed', 'Id is malformed.');
  return message === undefined || (folder !== null && message.folder !== folder) ? notFound() : message;
}

function readBody(call: ApiCall, known: readonly string[]): { fields: Record<string, unknown> } | ApiAnswer {
  if (!(call.headers['content-type'] ?? '').startsWith('application/json')) {
    return graphError(
      400,
      'BadRequest',
      'Write requests (excluding DELETE) must contain the Content-Type header declaration.',
    );
  }
  try {
    const fields: unknown = JSON.parse(call.body.toString());
    if (typeof fields !== 'object' || fields === null) return graphError(400);
    const wrong = Object.keys(fields).find((name) => !known.includes(name));
    if (wrong === undefined) return { fields: { ...fields } };
    return graphError(
      400,
      'RequestBodyRead',
      `The property '${wrong}' does not exist on type 'Microsoft.OutlookServices.Message'.`,
    );
  } catch {
    return graphError(400, 'RequestBodyRead', 'Invalid JSON.');
  }
}

function nextLink(call: ApiCall, skip: number, total: number, link: (query: string) => string): Record<string, string> {
  if (skip >= total) return {};
  const query = new URLSearchParams(call.query);
  query.set('$skip', String(skip));
  return { '@odata.nextLink': link(query.toString()) };
}

function notFound(): ApiAnswer {
  return graphError(404);
}
