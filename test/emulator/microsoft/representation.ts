import type { MailFolder, Message, Recipient } from '@microsoft/microsoft-graph-types';
import { addressParser, decodeWords } from 'postal-mime';
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
    internetMessageId: fieldOf(message.raw, 'message-id'),
    subject: decodeWords(fieldOf(message.raw, 'subject') ?? ''),
    from: senderOf(fieldOf(message.raw, 'from')),
    // Graph writes the property's id in its own way.
    ...(expand
      ? { singleValueExtendedProperties: [{ id: 'Integer 0xe08', value: String(message.raw.byteLength) }] }
      : {}),
  };
}

/** The value of the first field with that name, unfolded. */
function fieldOf(raw: Buffer, name: string): string | null {
  const [head = ''] = raw.toString('utf8').split(/\r?\n\r?\n/, 1);
  const value = new RegExp(`^${name}:((?:.|\\r?\\n[ \\t])*)`, 'im').exec(head)?.[1];
  return value?.replace(/\r?\n[ \t]+/g, ' ').trim() ?? null;
}

/** Exchange shows the address as the name of who has none. */
function senderOf(value: string | null): Recipient | null {
  const [sender] = value === null ? [] : addressParser(value);
  const address = sender?.address ?? '';
  return sender === undefined ? null : { emailAddress: { name: decodeWords(sender.name) || address, address } };
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
