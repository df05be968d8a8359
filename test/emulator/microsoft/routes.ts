import type { ApiAnswer, ApiCall } from '../provider/api-server';
import { type Directory, openMailbox } from './access';
import type { DeltaTokens } from './delta';
import { graphError } from './errors';
import { findFolder } from './mailbox';
import {
  deleteMessage,
  getFolder,
  getMessage,
  getValue,
  listFolders,
  listMessages,
  type MethodCall,
  moveTo,
  updateMessage,
} from './methods';

// Graph writes its own links as mailFolders('id'), and takes both forms.
const paths = /^\/v1\.0\/(?:me|users\/([^/]+))(?:\/mailFolders(?:\/([^/]+)|\('([^']+)'\))?)?(\/.*)?$/;

/** Answers one call, if its token may make it. */
export function route(call: ApiCall, directory: Directory, deltas: DeltaTokens, publicUrl: string): ApiAnswer {
  const match = paths.exec(call.path);
  if (match === null) return graphError(400, 'BadRequest', `Resource not found for the segment '${call.path}'.`);
  const [, user, folderName, quotedFolder, tail = ''] = match;
  const mailbox = openMailbox(
    directory,
    call.access,
    user === undefined ? null : decodeURIComponent(user),
    call.method !== 'GET',
  );
  if ('status' in mailbox) return mailbox;
  const name = folderName ?? quotedFolder;
  const folder = name === undefined ? null : findFolder(mailbox, decodeURIComponent(name));
  if (folder === undefined)
    return graphError(404, 'ErrorItemNotFound', 'The specified folder could not be found in the store.');
  const method: MethodCall = {
    call,
    mailbox,
    folder: folder?.id ?? null,
    immutable: /IdType="ImmutableId"/i.test(call.headers.prefer ?? ''),
    link: (query) => `${publicUrl}${call.path.replace(/mailFolders\/([^/]+)/, "mailFolders('$1')")}?${query}`,
  };
  const inFolders = call.path.includes('/mailFolders');
  const [, id, action] = /^\/messages\/([^/]+)(\/\$value|\/move)?$/.exec(tail) ?? [];
  switch (`${call.method} ${id === undefined ? tail : `/messages/{id}${action ?? ''}`}`) {
    case 'GET ':
      return !inFolders ? graphError(403) : folder === null ? listFolders(method) : getFolder(method);
    case 'GET /childFolders':
      return listFolders(method);
    case 'GET /messages':
      return listMessages(method);
    case 'GET /messages/{id}':
      return tail === '/messages/delta' && folder !== null
        ? deltas.page(call, mailbox, folder.id, method.link, method.immutable)
        : getMessage(method, decodeURIComponent(id ?? ''));
    case 'GET /messages/{id}/$value':
      // As the real one does, whatever its documentation says (microsoft-graph-docs issue 9364).
      return inFolders
        ? graphError(405, 'ErrorInvalidRequest', 'The OData request is not supported.')
        : getValue(method, decodeURIComponent(id ?? ''));
    case 'PATCH /messages/{id}':
      return updateMessage(method, decodeURIComponent(id ?? ''));
    case 'DELETE /messages/{id}':
      return deleteMessage(method, decodeURIComponent(id ?? ''));
    case 'POST /messages/{id}/move':
      return moveTo(method, decodeURIComponent(id ?? ''));
    default:
      return graphError(400, 'BadRequest', `Resource not found for the segment '${tail}'.`);
  }
}
