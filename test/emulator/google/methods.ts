import type { gmail_v1 } from '@googleapis/gmail';
import type { ApiAnswer } from '../provider/api-server';
import { googleError } from './errors';
import { changeLabels, type GmailAccount, reference, removeMessage, type StoredMessage } from './mailbox';

const ok = (body: unknown): ApiAnswer => ({ status: 200, body });
const notFound = () => googleError(404);
const invalid = (message: string) => googleError(400, { message, reason: 'invalidArgument' });

export function getProfile(account: GmailAccount): ApiAnswer {
  const body = {
    emailAddress: account.address,
    messagesTotal: account.messages.size,
    threadsTotal: account.messages.size,
    historyId: String(account.historyId),
  } satisfies gmail_v1.Schema$Profile;
  return ok(body);
}

export function listLabels(account: GmailAccount): ApiAnswer {
  return ok({ labels: [...account.labels.values()] } satisfies gmail_v1.Schema$ListLabelsResponse);
}

export function getLabel(account: GmailAccount, id: string): ApiAnswer {
  const label = account.labels.get(id);
  if (label === undefined) return notFound();
  const messages = [...account.messages.values()].filter((message) => message.labels.has(id));
  const unread = messages.filter((message) => message.labels.has('UNREAD')).length;
  return ok({ ...label, messagesTotal: messages.length, messagesUnread: unread } satisfies gmail_v1.Schema$Label);
}

/** `users.messages.list`: newest first; spam and trash only on demand; pages go by position, and so shift under changes. */
export function listMessages(account: GmailAccount, query: URLSearchParams): ApiAnswer {
  const size = maxResults(query, 100);
  if (size === null) return invalid('Invalid value for maxResults');
  const labels = query.getAll('labelIds');
  if (labels.some((label) => !account.labels.has(label))) return invalid('Invalid label');
  const inTime = parseTimes(query.get('q') ?? '');
  if (inTime === null) return invalid('The emulator understands only after: and before: in q');
  const offset = Number(query.get('pageToken') ?? '0');
  if (!Number.isInteger(offset)) return invalid('Invalid pageToken');
  const hidden = query.get('includeSpamTrash') === 'true' ? [] : ['SPAM', 'TRASH'];
  const found = [...account.messages.values()]
    .filter(
      (message) =>
        labels.every((label) => message.labels.has(label)) && !hidden.some((label) => message.labels.has(label)),
    )
    .filter((message) => inTime(Math.floor(message.internalDate / 1_000)))
    .sort((a, b) => b.internalDate - a.internalDate || (a.id < b.id ? 1 : -1));
  const page = found.slice(offset, offset + size);
  return ok({
    ...(page.length === 0 ? {} : { messages: page.map(({ id }) => ({ id, threadId: id })) }),
    ...(offset + size < found.length ? { nextPageToken: String(offset + size) } : {}),
    resultSizeEstimate: Math.min(found.length, 201),
  } satisfies gmail_v1.Schema$ListMessagesResponse);
}

export function getMessage(account: GmailAccount, id: string, query: URLSearchParams): ApiAnswer {
  const message = account.messages.get(id);
  if (message === undefined) return /^[0-9a-f]+$/.test(id) ? notFound() : invalid('Invalid id value');
  const facts: gmail_v1.Schema$Message = {
    ...reference(message),
    snippet: '',
    historyId: String(message.historyId),
    internalDate: String(message.internalDate),
    sizeEstimate: message.raw.byteLength,
  };
  switch (query.get('format')) {
    case 'minimal':
      return ok(facts);
    case 'raw':
      return ok({ ...facts, raw: message.raw.toString('base64url') } satisfies gmail_v1.Schema$Message);
    case 'metadata': {
      const payload = { headers: headersOf(message.raw, query.getAll('metadataHeaders')) };
      return ok({ ...facts, payload } satisfies gmail_v1.Schema$Message);
    }
    default:
      return invalid('The emulator knows the formats minimal, metadata and raw');
  }
}

/** Fields of the mail's header, in its order: those asked for, or all of them. Values are unfolded, and otherwise as they came. */
function headersOf(raw: Buffer, wanted: readonly string[]): gmail_v1.Schema$MessagePartHeader[] {
  const [head = ''] = raw.toString('utf8').split(/\r?\n\r?\n/, 1);
  const names = new Set(wanted.map((name) => name.toLowerCase()));
  return [...head.matchAll(/^([^\s:]+):[ \t]*((?:.|\r?\n[ \t])*)/gm)]
    .map(([, name = '', value = '']) => ({ name, value: value.replace(/\r?\n[ \t]+/g, ' ').trim() }))
    .filter(({ name }) => names.size === 0 || names.has(name.toLowerCase()));
}

/** `users.history.list`: records behind an id, oldest first, that concern the label. */
export function listHistory(account: GmailAccount, query: URLSearchParams): ApiAnswer {
  const start = query.get('startHistoryId') ?? '';
  if (!/^\d+$/.test(start)) return invalid('Invalid value for startHistoryId');
  const size = maxResults(query, 100);
  if (size === null) return invalid('Invalid value for maxResults');
  const label = query.get('labelId');
  if (label !== null && !account.labels.has(label)) return invalid('Invalid label');
  if (BigInt(start) < account.oldestHistoryId) return notFound();
  const types = query.getAll('historyTypes');
  const offset = Number(query.get('pageToken') ?? '0');
  const found = account.history.filter(
    (record) => BigInt(record.id ?? 0) > BigInt(start) && isWanted(record, types, label),
  );
  const page = found.slice(offset, offset + size);
  return ok({
    ...(page.length === 0 ? {} : { history: page.map(shown) }),
    ...(offset + size < found.length ? { nextPageToken: String(offset + size) } : {}),
    historyId: String(account.historyId),
  } satisfies gmail_v1.Schema$ListHistoryResponse);
}

/**
 * Of the messages in a history Gmail promises only `id` and `threadId`; it mostly names their labels too. Here every other
 * record does, so that nobody relies on them.
 */
function shown(record: gmail_v1.Schema$History): gmail_v1.Schema$History {
  if (BigInt(record.id ?? 0) % 2n === 1n) return record;
  const bare = <T extends { message?: gmail_v1.Schema$Message }>(entries: T[]) =>
    entries.map((entry) => ({ ...entry, message: { id: entry.message?.id, threadId: entry.message?.threadId } }));
  const { messagesAdded, labelsAdded, labelsRemoved } = record;
  return {
    ...record,
    ...(messagesAdded && { messagesAdded: bare(messagesAdded) }),
    ...(labelsAdded && { labelsAdded: bare(labelsAdded) }),
    ...(labelsRemoved && { labelsRemoved: bare(labelsRemoved) }),
  };
}

function isWanted(record: gmail_v1.Schema$History, types: readonly string[], label: string | null): boolean {
  const changes = {
    messageAdded: record.messagesAdded,
    messageDeleted: record.messagesDeleted,
    labelAdded: record.labelsAdded,
    labelRemoved: record.labelsRemoved,
  };
  return Object.entries(changes).some(
    ([type, entries]) =>
      (types.length === 0 || types.includes(type)) &&
      entries?.some(({ message }) => label === null || (message?.labelIds ?? []).includes(label)),
  );
}

export function modifyMessage(account: GmailAccount, id: string, body: unknown): ApiAnswer {
  const message = account.messages.get(id);
  if (message === undefined) return notFound();
  const change = readChange(account, body);
  if ('status' in change) return change;
  changeLabels(account, message, change.add, change.remove);
  return ok(reference(message) satisfies gmail_v1.Schema$Message);
}

/** All or nothing: an id that does not exist refuses the whole call. */
export function batchModify(account: GmailAccount, body: unknown): ApiAnswer {
  const { ids, ...rest } = asRecord(body);
  if (!isTexts(ids) || ids.length > 1_000) return invalid('Invalid ids');
  const change = readChange(account, rest);
  if ('status' in change) return change;
  const messages = ids.map((id) => account.messages.get(id));
  if (messages.includes(undefined)) return notFound();
  for (const message of messages) if (message !== undefined) changeLabels(account, message, change.add, change.remove);
  return { status: 204 };
}

export function trashMessage(account: GmailAccount, id: string): ApiAnswer {
  const message = account.messages.get(id);
  if (message === undefined) return notFound();
  changeLabels(account, message, ['TRASH'], ['INBOX']);
  return ok(reference(message));
}

export function deleteMessage(account: GmailAccount, id: string): ApiAnswer {
  const message: StoredMessage | undefined = account.messages.get(id);
  if (message === undefined) return notFound();
  removeMessage(account, message);
  return { status: 204 };
}

function readChange(account: GmailAccount, body: unknown): { add: string[]; remove: string[] } | ApiAnswer {
  const { addLabelIds = [], removeLabelIds = [], ...unknown } = asRecord(body);
  const [name] = Object.keys(unknown);
  if (name !== undefined) return invalid(`Invalid JSON payload received. Unknown name "${name}": Cannot find field.`);
  if (!isTexts(addLabelIds) || !isTexts(removeLabelIds)) return invalid('Invalid labels');
  if (addLabelIds.length + removeLabelIds.length === 0) return invalid('No label add or removes specified');
  const wrong = [...addLabelIds, ...removeLabelIds].find((label) => !account.labels.has(label));
  if (wrong !== undefined) return invalid(`Invalid label: ${wrong}`);
  return { add: addLabelIds, remove: removeLabelIds };
}

function maxResults(query: URLSearchParams, usual: number): number | null {
  const value = Number(query.get('maxResults') ?? usual);
  return Number.isInteger(value) && value >= 1 && value <= 500 ? value : null;
}

/** The terms `after:` and `before:` in seconds; null for anything else. */
function parseTimes(q: string): ((seconds: number) => boolean) | null {
  let from = Number.NEGATIVE_INFINITY;
  let to = Number.POSITIVE_INFINITY;
  for (const term of q.split(' ').filter((one) => one !== '')) {
    const [, name, value] = /^(after|before):(\d+)$/.exec(term) ?? [];
    if (name === 'after') from = Number(value);
    else if (name === 'before') to = Number(value);
    else return null;
  }
  return (seconds) => seconds >= from && seconds < to;
}

function asRecord(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : {};
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
