import type { AfterDownload } from '../../domain/connection';
import type { Settled } from '../../domain/ports';
import { serverPath } from './folder-names';
import type { Refusal } from './library-log';
import type { Session } from './session';
import { currentFlags, uidsOf } from './snapshot';
import { uidSet } from './uid-sets';

/** Why a message was not settled, for people; null when it was. */
type Problem = string | null;

/**
 * Marks as read, deletes or moves by UID. What is gone is `gone`, or `settled` when `attempted` holds it: then an earlier try
 * of the same call did it, and only the reply was lost. Tries are added to `attempted`.
 */
export async function settleMessages(
  session: Session,
  handles: readonly string[],
  action: AfterDownload,
  moveTo: string,
  attempted: Set<number>,
): Promise<Settled[]> {
  const uids = await uidsOf(session, handles);
  // Some servers go on describing what others expunged until they are asked for nothing (Courier).
  if (!session.learned.tellsNews && !session.isFresh()) await session.wait(undefined, session.client.noop());
  const found = await currentFlags(
    session,
    uids.filter((uid) => uid !== null),
  );
  const todo = [...found.keys()];
  for (const uid of todo) attempted.add(uid);
  const problem = todo.length === 0 ? null : await act(session, found, action, moveTo);
  const left = problem === null ? new Set<number>() : await stillThere(session, todo, action);
  return handles.map((handle, index): Settled => {
    const uid = uids[index] ?? null;
    if (uid === null || !found.has(uid))
      return { handle, outcome: uid !== null && attempted.has(uid) ? 'settled' : 'gone' };
    return problem !== null && left.has(uid)
      ? { handle, outcome: 'refused', message: problem }
      : { handle, outcome: 'settled' };
  });
}

/** The outcome of an action that was refused may still be good in part: who is left as before? */
async function stillThere(session: Session, uids: readonly number[], action: AfterDownload): Promise<Set<number>> {
  const rows = await currentFlags(session, uids);
  const left = [...rows].filter(([, flags]) => action !== 'mark-read' || !flags.has('\\Seen'));
  return new Set(left.map(([uid]) => uid));
}

async function act(
  session: Session,
  found: Map<number, Set<string>>,
  action: AfterDownload,
  moveTo: string,
): Promise<Problem> {
  const folder = await session.select();
  const unseen = [...found].filter(([, flags]) => !flags.has('\\Seen')).map(([uid]) => uid);
  if (action === 'mark-read' && unseen.length === 0) return null;
  if (folder.readOnly === true)
    return 'The account may only read this folder, so the mail stays in it as it is. Have it given write access.';
  session.takeRefusal();
  if (action === 'mark-read') return await markRead(session, unseen);
  if (action === 'delete') return await remove(session, [...found.keys()]);
  return await move(session, found, serverPath(session.client, moveTo), moveTo);
}

async function markRead(session: Session, uids: readonly number[]): Promise<Problem> {
  const done = session.client.messageFlagsAdd(uidSet(uids), ['\\Seen'], { uid: true, silent: true });
  if (await session.wait(undefined, done)) return null;
  return refused('mark the mail as read', session.takeRefusal());
}

async function remove(session: Session, uids: readonly number[]): Promise<Problem> {
  if (session.client.capabilities.has('UIDPLUS')) {
    if (await session.wait(undefined, session.client.messageDelete(uidSet(uids), { uid: true }))) return null;
    return refused('delete the mail', session.takeRefusal());
  }
  const done = session.client.messageFlagsAdd(uidSet(uids), ['\\Deleted'], { uid: true, silent: true });
  if (!(await session.wait(undefined, done))) return refused('delete the mail', session.takeRefusal());
  // A plain EXPUNGE would also remove what other people have flagged (RFC 4315 §2.1).
  return 'The mail is flagged as deleted, but stays: the server lacks UIDPLUS, so it could only be removed together with mail that others flagged. Choose "Mark as read", or remove it with a mail program.';
}

async function move(session: Session, found: Map<number, Set<string>>, path: string, name: string): Promise<Problem> {
  const uids = [...found.keys()];
  const { client } = session;
  if (client.capabilities.has('MOVE')) {
    const moved = await session.wait(undefined, client.messageMove(uidSet(uids), path, { uid: true }));
    return moved ? null : notMoved(name, session.takeRefusal());
  }
  // The flag marks what was copied before, so that a further try makes no second copy.
  const uncopied = [...found].filter(([, flags]) => !flags.has('\\Deleted')).map(([uid]) => uid);
  if (uncopied.length > 0) {
    const copied = await session.wait(undefined, client.messageCopy(uidSet(uncopied), path, { uid: true }));
    if (!copied) return notMoved(name, session.takeRefusal());
  }
  return await remove(session, uids);
}

function notMoved(name: string, refusal: Refusal | null): string {
  if (refusal?.code === 'TRYCREATE' || refusal?.code === 'NONEXISTENT') {
    return `The folder "${name}" does not exist on the mail server, so nothing was moved. Create it there, or choose another one.`;
  }
  return refused(`move the mail to "${name}"`, refusal);
}

function refused(what: string, refusal: Refusal | null): string {
  const words = refusal?.words === undefined ? '' : ` It says: ${refusal.words}`;
  return `The mail server did not ${what}; it may not be allowed to this account.${words}`;
}
