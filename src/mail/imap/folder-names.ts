import type { ImapFlow } from 'imapflow';
import type { Folder } from '../../domain/ports';
import type { Session } from './session';

/** A folder as settings name it (levels separated by "/", empty for the inbox) in the server's own form. */
export function serverPath(client: ImapFlow, folder: string): string {
  const levels = folder.split('/');
  if (levels[0]?.toUpperCase() === 'INBOX' || folder === '') levels[0] = 'INBOX';
  return levels.join(client.namespace?.delimiter || '/');
}

/** The folders of the server, the inbox first, as settings name them. */
export async function listFolders(session: Session): Promise<Folder[]> {
  const entries = await session.wait('folder', session.client.list());
  return (
    entries
      // A "/" inside a level could not be told from one between levels.
      .filter(({ path, delimiter }) => delimiter === '/' || !path.includes('/'))
      .map(({ path, delimiter, flags }) => ({
        path: delimiter ? path.split(delimiter).join('/') : path,
        selectable: !flags.has('\\Noselect') && !flags.has('\\NonExistent'),
      }))
  );
}
