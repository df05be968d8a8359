import { redactLine } from '../domain/redact';
import { singleLine } from '../domain/text';
import type { HttpReply, HttpRequest } from './http';

/** Parameters whose values say how something is asked for; other values may be what was searched for, or long tokens. */
const shownParameters = new Set([
  '$select',
  '$top',
  '$skip',
  '$expand',
  '$orderby',
  '$count',
  'fields',
  'format',
  'historyTypes',
  'includeSpamTrash',
  'labelId',
  'labelIds',
  'maxResults',
  'metadataHeaders',
  'startHistoryId',
  'uploadType',
]);
/** A longer part of a path is an id, of which the beginning is enough to know it again. */
const idChars = 24;
const valueChars = 80;

/** One call to a provider's API, for its protocol: never a token, nor anything of a body. */
export function httpLine({ method = 'GET', path }: HttpRequest, outcome: HttpReply | string, tookMs: number): string {
  const took = `${Math.round(tookMs)} ms`;
  const asked = `${method} ${shownPath(path)}`;
  if (typeof outcome === 'string') return `${asked} → ${outcome}, ${took}`;
  const { status, headers, size } = outcome;
  const wait = headers.get('retry-after');
  const asksToWait = wait === null ? '' : `, Retry-After: ${singleLine(wait).slice(0, idChars)}`;
  return `${asked} → ${status}, ${size.toLocaleString('en')} bytes, ${took}${asksToWait}`;
}

function shownPath(path: string): string {
  const [place = '', query] = path.split('?', 2);
  // An address names the mailbox; anything else that is long is an id.
  const parts = place.split('/').map((part) => cut(decoded(part), part.includes('%40') ? valueChars : idChars));
  const parameters = query?.split('&').map((parameter) => {
    const [name = '', value = ''] = parameter.split('=', 2);
    const known = decoded(name);
    return `${cut(known, idChars)}=${shownParameters.has(known) ? cut(decoded(value), valueChars) : '…'}`;
  });
  const shown = parts.join('/') + (parameters === undefined ? '' : `?${parameters.join('&')}`);
  return singleLine(redactLine(shown, []));
}

/** Graph also writes an id as the key of its collection: mailFolders('AAMkADFh…'). */
function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const [collection = ''] = /^\w{1,30}\('/.exec(text) ?? [];
  const end = collection === '' ? '' : "')";
  return `${text.slice(0, collection.length + 8)}…${end}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
