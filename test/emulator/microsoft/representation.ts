import type { MailFolder, Message } from '@microsoft/microsoft-graph-types';
import { type ExchangeMailbox, idOf, type StoredFolder, type StoredMessage } from './mailbox';

export function folderJson(mailbox: ExchangeMailbox, folder: StoredFolder): MailFolder {
  const messages = [...mailbox.messages.values()].filter((message) => message.folder === folder.id);
  return {
    id: folder.id,
    displayName: folder.displayName,
    parentFolderId: folder.parent ?? 'AAMkAGVmMDEzMTM4-msgfolderroot=',
    childFolderCount: [...mailbox.folders.values()].filter((one) => one.parent === folder.id).length,
    totalItemCount: messages.length,
    unreadItemCount: messages.filter((message) => !message.isRead).length,
    isHidden: false,
  };
}

/** The fields that Letterbox may ask for; Exchange knows dates to the second. */
export function messageJson(message: StoredMessage, immutable: boolean, expand: boolean): Message {
  return {
    id: idOf(message, immutable),
    receivedDateTime: new Date(message.received).toISOString().replace(/\.\d+Z$/, 'Z'),
    isRead: message.isRead,
    parentFolderId: message.folder,
    internetMessageId: /^message-id:\s*(\S+)/im.exec(message.raw.toString('latin1'))?.[1] ?? null,
    // Graph writes the property's id in its own way.
    ...(expand
      ? { singleValueExtendedProperties: [{ id: 'Integer 0xe08', value: String(message.raw.byteLength) }] }
      : {}),
  };
}

/** Only the fields selected; the id is always there. */
export function select<T extends object>(
  json: T,
  fields: readonly string[] | null,
): Partial<T> & { '@odata.etag': string } {
  const kept =
    fields === null
      ? json
      : Object.fromEntries(
          Object.entries(json).filter(
            ([name]) => name === 'id' || name.startsWith('singleValue') || fields.includes(name),
          ),
        );
  return { '@odata.etag': 'W/"CQAAABYAAAAiIsqMbYjsT5e/T7KzowPTAAAYXTLz"', ...(kept as Partial<T>) };
}
