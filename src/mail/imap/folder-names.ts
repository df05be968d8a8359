import type { ImapFlow } from 'imapflow';
import type { Folder } from '../../domain/ports';
import type { Session } from './session';

interface Namespace {
  prefix: string;
  delimiter: string;
}

/** The namespaces of one kind that the server told (RFC 2342). */
function namespacesOf(client: ImapFlow, kind: 'personal' | 'other' | 'shared'): Namespace[] {
  const told: unknown = Reflect.get(Object(Reflect.get(client, 'namespaces')), kind);
  return (Array.isArray(told) ? told : []).map((one) => ({
    prefix: String(Reflect.get(Object(one), 'prefix') ?? ''),
    delimiter: String(Reflect.get(Object(one), 'delimiter') || '/'),
  }));
}

/** The library would put the personal prefix before each name that lacks it, even if it is one of another namespace. */
export function takeNamesAsTheyAre(client: ImapFlow): void {
  const { namespace } = client;
  if (namespace) Reflect.set(client, 'namespace', { ...namespace, prefix: '' });
}

/** A folder as settings name it (levels separated by "/", empty for the inbox) in the server's own form. */
export function serverPath(client: ImapFlow, folder: string): string {
  const levels = folder.split('/');
  if (levels[0]?.toUpperCase() === 'INBOX' || folder === '') levels[0] = 'INBOX';
  for (const { prefix, delimiter } of [...namespacesOf(client, 'other'), ...namespacesOf(client, 'shared')]) {
    const path = levels.join(delimiter);
    if (prefix !== '' && `${path}${delimiter}`.startsWith(prefix)) return path;
  }
  const [personal] = namespacesOf(client, 'personal');
  const path = levels.join(client.namespace?.delimiter || '/');
  const prefix = personal?.prefix ?? '';
  return path === 'INBOX' || path.startsWith(prefix) ? path : `${prefix}${path}`;
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
