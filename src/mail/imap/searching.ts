import type { SearchObject } from 'imapflow';
import { AppError } from '../../domain/app-error';
import type { Session } from './session';
import { parseUidSet, type Run, runsOf } from './uid-sets';

/** The UIDs that a search finds; compact with ESEARCH (RFC 4731). */
export async function searchUids(session: Session, query: SearchObject): Promise<Run[]> {
  const found = await session.wait('folder', session.client.search(query, { uid: true, returnOptions: ['ALL'] }));
  if (found === false || found === undefined) {
    const detail = session.takeRefusal()?.words;
    throw new AppError(
      'server-refused',
      'transient',
      'The mail server refused to search the folder. It is tried again.',
      { detail },
    );
  }
  if (Array.isArray(found)) return runsOf(found);
  return found.all === undefined ? [] : parseUidSet(found.all);
}
