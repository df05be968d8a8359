import type { FetchMessageObject, FetchQueryObject } from 'imapflow';
import { AppError } from '../../domain/app-error';
import { imapLimits } from './limits';
import type { Session } from './session';

/**
 * All rows of one FETCH, by UID unless told otherwise. The library would collect as many as a server cares to send, whatever was
 * asked for. @throws AppError `server-broken` for more than a folder can hold
 */
export async function rowsOf(
  session: Session,
  set: string,
  query: FetchQueryObject,
  options: { uid: boolean } = { uid: true },
): Promise<FetchMessageObject[]> {
  const rows: FetchMessageObject[] = [];
  async function collect() {
    for await (const row of session.client.fetch(set, query, options)) {
      rows.push(row);
      if (rows.length > imapLimits.listRows) throw tooManyRows();
    }
  }
  await session.wait(undefined, collect(), { mostBytes: imapLimits.rowsBytes });
  return rows;
}

const tooManyRows = () =>
  new AppError(
    'server-broken',
    'transient',
    'The mail server lists more messages than the folder can hold. It is tried again.',
  );
