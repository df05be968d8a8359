import { AppError } from '../../domain/app-error';
import type { AfterDownload } from '../../domain/connection';
import type { Settled } from '../../domain/ports';
import type { BatchAnswer } from '../http-batch';
import { type BatchCall, callAll } from './batch';
import type { GraphApi } from './graph-api';

/**
 * Marks as read (PATCH isRead), deletes (DELETE: what Outlook's own Delete does, so retention rules and recovery work as
 * the organisation set them), or moves (POST move). The handles are immutable ids, and stay the same when moved.
 */
export async function settleMessages(
  api: GraphApi,
  messagesPath: string,
  findFolder: (path: string) => Promise<string>,
  handles: readonly string[],
  action: AfterDownload,
  moveTo: string,
): Promise<Settled[]> {
  if (handles.length === 0) return [];
  let target = '';
  try {
    if (action === 'move') target = await findFolder(moveTo);
  } catch (thrown) {
    // The mail is taken already; only the place to put it is missing.
    if (!(thrown instanceof AppError) || thrown.code !== 'folder-not-found') throw thrown;
    return handles.map((handle) => ({ handle, outcome: 'refused', message: thrown.message }));
  }
  const answers = await callAll(
    api,
    handles.map((handle) => callFor(`${messagesPath}/${encodeURIComponent(handle)}`, action, target)),
  );
  return handles.map((handle, index) => outcome(api, handle, answers[index]));
}

function callFor(path: string, action: AfterDownload, target: string): BatchCall {
  switch (action) {
    case 'mark-read':
      return { method: 'PATCH', path, body: { isRead: true } };
    case 'delete':
      return { method: 'DELETE', path };
    case 'move':
      return { method: 'POST', path: `${path}/move`, body: { destinationId: target } };
  }
}

function outcome(api: GraphApi, handle: string, answer: BatchAnswer | undefined): Settled {
  const status = answer?.status ?? 500;
  if (status < 300) return { handle, outcome: 'settled' };
  const failure = api.failure(status, answer?.headers ?? new Headers(), answer?.body ?? '');
  if (status === 404 && failure.kind !== 'access') return { handle, outcome: 'gone' };
  // Trouble that passes ends the call, so that the poll comes back later; the rest is about this message.
  if (failure.kind === 'transient') throw failure;
  const words =
    failure.kind === 'access'
      ? failure.message
      : `Microsoft 365 refused to change a message: ${failure.detail ?? `HTTP ${status}`}`;
  return { handle, outcome: 'refused', message: words };
}
