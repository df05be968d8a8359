import { AppError } from '../../domain/app-error';
import type { Folder } from '../../domain/ports';
import type { HttpApi } from '../http';
import { type Label, labelSchema, labelsSchema, mailboxPath } from './gmail-api';

/** Labels that say something about a message rather than where it is. */
const notFolders = new Set(['UNREAD', 'CHAT', 'DRAFT']);

/** The labels as folders, INBOX first: "A/B" is B in A, also where no label A exists. */
export async function listFolders(api: HttpApi): Promise<Folder[]> {
  const names = (await listLabels(api)).filter((label) => !notFolders.has(label.id)).map((label) => label.name);
  const selectable = new Set(names);
  const paths = new Set(names);
  for (const name of names) {
    for (let slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1))
      paths.add(name.slice(0, slash));
  }
  const sorted = [...paths].sort((a, b) => Number(b === 'INBOX') - Number(a === 'INBOX') || a.localeCompare(b));
  return sorted.map((path) => ({ path, selectable: selectable.has(path) }));
}

/**
 * The id of the label that a folder setting names; empty is the inbox. System labels are found in any case ("inbox"), a
 * person's own by their exact name.
 * @throws AppError `folder-not-found` (access)
 */
export async function findLabel(api: HttpApi, folder: string): Promise<string> {
  if (folder === '' || folder.toUpperCase() === 'INBOX') return 'INBOX';
  const labels = await listLabels(api);
  const found =
    labels.find((label) => label.name === folder) ??
    labels.find((label) => label.type === 'system' && label.id === folder.toUpperCase());
  if (found !== undefined) return found.id;
  const message = `This Gmail account has no label "${folder}". Choose one from the list; nested labels are written "Parent/Child".`;
  throw new AppError('folder-not-found', 'access', message, { step: 'folder', field: 'folder' });
}

/** `findLabel` that remembers what it found, for the life of one mailbox object. */
export function labelFinder(api: HttpApi): (folder: string) => Promise<string> {
  const found = new Map<string, string>();
  return async (folder) => {
    const id = found.get(folder) ?? (await findLabel(api, folder));
    found.set(folder, id);
    return id;
  };
}

/** How many messages carry the label. */
export async function countMessages(api: HttpApi, labelId: string): Promise<{ total: number; unread: number }> {
  const label = await api.json({ path: `${mailboxPath}/labels/${encodeURIComponent(labelId)}` }, labelSchema);
  return { total: label.messagesTotal ?? 0, unread: label.messagesUnread ?? 0 };
}

async function listLabels(api: HttpApi): Promise<Label[]> {
  return (await api.json({ path: `${mailboxPath}/labels` }, labelsSchema)).labels;
}
