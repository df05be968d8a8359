import { AppError } from '../../domain/app-error';
import type { AfterDownload } from '../../domain/connection';
import type { Settled } from '../../domain/ports';
import type { HttpApi } from '../http';
import { callAll } from './batch';
import { mailboxPath } from './gmail-api';
import { readFacts } from './message-facts';

/** Ids that `batchModify` takes at once. */
const mostIds = 1_000;
const answerBytes = 4 * 1024 * 1024;

interface Change {
  addLabelIds?: string[];
  removeLabelIds?: string[];
}

/**
 * Marks as read, throws into the trash, or moves: in Gmail each is a change of labels. Deleting means the trash, which
 * Gmail empties after 30 days: deleting for good would need the permission to do everything with the mailbox
 * (https://mail.google.com/), and leave no way back.
 */
export async function settleMessages(
  api: HttpApi,
  findLabel: (folder: string) => Promise<string>,
  folder: string,
  handles: readonly string[],
  action: AfterDownload,
  moveTo: string,
): Promise<Settled[]> {
  if (handles.length === 0) return [];
  if (action === 'mark-read') return change(api, handles, { removeLabelIds: ['UNREAD'] });
  const from = await findLabel(folder);
  let to = 'TRASH';
  try {
    if (action === 'move') to = await findLabel(moveTo);
  } catch (thrown) {
    // The mail is taken already; only the place to put it is missing.
    if (!(thrown instanceof AppError) || thrown.code !== 'folder-not-found') throw thrown;
    return handles.map((handle) => refused(handle, thrown.message));
  }
  // The folder that is read is the one to move to: nothing is to be done, and Gmail refuses an empty change.
  if (from === to) return handles.map((handle) => ({ handle, outcome: 'settled' }));
  const facts = await readFacts(api, handles);
  const isThere = (handle: string) => {
    const message = facts.get(handle);
    if (message === undefined) return false;
    if (message instanceof AppError) throw message;
    const labels = message.labelIds;
    // What somebody sorted elsewhere is not moved again; what is to be deleted is, unless it is in the trash.
    return action === 'move' ? labels.includes(from) : !labels.includes('TRASH');
  };
  const present = handles.filter(isThere);
  const changed = await change(api, present, { addLabelIds: [to], removeLabelIds: [from] });
  const outcomes = new Map(changed.map((settled) => [settled.handle, settled]));
  return handles.map((handle) => outcomes.get(handle) ?? { handle, outcome: 'gone' });
}

async function change(api: HttpApi, ids: readonly string[], labels: Change): Promise<Settled[]> {
  const settled: Settled[] = [];
  for (let start = 0; start < ids.length; start += mostIds) {
    settled.push(...(await changeTogether(api, ids.slice(start, start + mostIds), labels)));
  }
  return settled;
}

async function changeTogether(api: HttpApi, ids: readonly string[], labels: Change): Promise<Settled[]> {
  const body = JSON.stringify({ ids, ...labels });
  const reply = await api.send({
    method: 'POST',
    path: `${mailboxPath}/messages/batchModify`,
    headers: { 'content-type': 'application/json' },
    body,
    accept: [400, 404],
  });
  if (reply.status < 400) return ids.map((handle) => ({ handle, outcome: 'settled' }));
  // One message that is gone can make Gmail refuse them all: asked one by one it tells which.
  return changeEach(api, ids, labels);
}

async function changeEach(api: HttpApi, ids: readonly string[], labels: Change): Promise<Settled[]> {
  const calls = ids.map((id) => ({
    method: 'POST' as const,
    path: `${mailboxPath}/messages/${encodeURIComponent(id)}/modify`,
    body: labels,
  }));
  const answers = await callAll(api, calls, answerBytes);
  return ids.map((handle, index): Settled => {
    const answer = answers[index];
    if (answer?.status === 404) return { handle, outcome: 'gone' };
    if (answer !== undefined && answer.status < 300) return { handle, outcome: 'settled' };
    const failure = api.failure(answer?.status ?? 500, answer?.headers ?? new Headers(), answer?.body ?? '');
    // Only a refusal of this one message is a result; trouble that passes, or concerns all, ends the call.
    if (failure.kind === 'transient' || failure.kind === 'access') throw failure;
    return refused(handle, `Gmail refused to change a message: ${failure.detail ?? `HTTP ${answer?.status}`}`);
  });
}

function refused(handle: string, message: string): Settled {
  return { handle, outcome: 'refused', message };
}
