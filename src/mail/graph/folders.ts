import { AppError } from '../../domain/app-error';
import type { Folder } from '../../domain/ports';
import { folderPageSchema, folderSchema, type GraphApi, type MailFolder, withQuery } from './graph-api';

/** Requests that one listing of folders may take; folders behind that are found by typing their path. */
const mostRequests = 60;
const pageSize = 250;
const select = 'id,displayName,childFolderCount,totalItemCount,unreadItemCount';
/** Folders that only show messages of other folders. */
const searchFolder = '#microsoft.graph.mailSearchFolder';

/**
 * All folders that hold mail, as their owner sees their names; the inbox comes first, and is called INBOX in every
 * language.
 */
export async function listFolders(api: GraphApi): Promise<Folder[]> {
  const { id: inboxId } = await inbox(api);
  const paths: string[] = [];
  const waiting: { path: string; parent: string | null }[] = [{ path: '', parent: null }];
  for (let requests = 0; requests < mostRequests; requests += 1) {
    const next = waiting.shift();
    if (next === undefined) break;
    for (const child of await listChildren(api, next.parent)) {
      const path = `${next.path}${child.id === inboxId ? 'INBOX' : child.displayName}`;
      paths.push(path);
      if ((child.childFolderCount ?? 0) > 0) waiting.push({ path: `${path}/`, parent: child.id });
    }
  }
  const sorted = paths.sort((a, b) => Number(b === 'INBOX') - Number(a === 'INBOX') || a.localeCompare(b));
  return sorted.map((path) => ({ path, selectable: true }));
}

/**
 * The folder at a path of display names, in the mailbox's own language; empty is the inbox, and so is "Inbox" in any
 * language, where no folder at the top has that name.
 * @throws AppError `folder-not-found` (access)
 */
export async function findFolder(api: GraphApi, path: string): Promise<MailFolder> {
  if (path === '') return inbox(api);
  const found = await walk(api, null, path);
  if (found !== null) return found;
  const [first = '', ...rest] = path.split('/');
  if (first.toLowerCase() === 'inbox') {
    const top = await inbox(api);
    const below = rest.length === 0 ? top : await walk(api, top.id, rest.join('/'));
    if (below !== null) return below;
  }
  const message = `There is no folder "${path}" in this mailbox. Choose one from the list; write it as the mailbox shows it, with "/" between levels.`;
  throw new AppError('folder-not-found', 'access', message, { step: 'folder', field: 'folder' });
}

/** `findFolder` that remembers the ids it found, for the life of one mailbox object. */
export function folderFinder(api: GraphApi): (path: string) => Promise<string> {
  const found = new Map<string, string>();
  return async (path) => {
    const id = found.get(path) ?? (await findFolder(api, path)).id;
    found.set(path, id);
    return id;
  };
}

function inbox(api: GraphApi): Promise<MailFolder> {
  return api.json({ path: withQuery(`${api.base}/mailFolders/inbox`, { $select: select }) }, folderSchema);
}

async function walk(api: GraphApi, parent: string | null, path: string): Promise<MailFolder | null> {
  const children = await listChildren(api, parent);
  const exact = children.find((child) => child.displayName === path);
  if (exact !== undefined) return exact;
  // A name may hold a "/" itself, so the longest name that fits goes first.
  const fitting = children
    .filter((child) => path.startsWith(`${child.displayName}/`))
    .sort((a, b) => b.displayName.length - a.displayName.length);
  for (const child of fitting) {
    const found = await walk(api, child.id, path.slice(child.displayName.length + 1));
    if (found !== null) return found;
  }
  return null;
}

async function listChildren(api: GraphApi, parent: string | null): Promise<MailFolder[]> {
  const collection =
    parent === null ? `${api.base}/mailFolders` : `${api.base}/mailFolders/${encodeURIComponent(parent)}/childFolders`;
  const children: MailFolder[] = [];
  let path: string | null = withQuery(collection, { $top: pageSize, $select: select });
  for (let page = 0; path !== null && page < mostRequests; page += 1) {
    const answer: typeof folderPageSchema._output = await api.json({ path }, folderPageSchema);
    children.push(...answer.value.filter((folder) => folder['@odata.type'] !== searchFolder));
    const link = answer['@odata.nextLink'];
    path = link === undefined ? null : api.pathOf(link);
  }
  return children;
}
