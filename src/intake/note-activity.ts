import { type ActivityEntry, activityFacts, noFacts } from '../domain/activity';
import { type Connection, mailboxIdentity } from '../domain/connection';
import type { Waiting } from '../domain/cursor';
import { graceMs, pollLimits } from '../domain/limits';
import type { Preview } from '../domain/start';
import { countsOf, type ResultCounts } from '../domain/tally';
import type { Download } from './download';
import { entryIdOf } from './fingerprint';
import type { IntakePorts } from './intake-ports';

/** What is said of a message that left the mailbox before it could be taken. */
export const mailGone = {
  result: 'gone',
  code: 'mail-gone',
  reason: 'The mail is no longer in the mailbox: somebody moved or deleted it.',
} as const;

/** What the activity log is to say of one message of a batch. */
export interface Note {
  entry: ActivityEntry;
  /** An earlier run had come that far, and may have noted it. */
  isKnown: boolean;
}

type Outcome = Pick<ActivityEntry, 'result' | 'issueKey' | 'code' | 'reason' | 'tookMs'>;

/** A note on a message that was downloaded. `knownSince`: see `Taken`. */
export async function noteOn(
  ports: IntakePorts,
  connection: Connection,
  item: Waiting,
  download: Download,
  outcome: Outcome,
  knownSince: number | null,
): Promise<Note> {
  // Before the mail is read for its subject alone, which is none of what was done with it.
  const steps = download.trace.steps();
  const facts = await download.read().then(activityFacts, () => noFacts);
  const known = { ...facts, id: download.origin, size: download.raw.byteLength, steps };
  const at = knownSince ?? ports.now();
  return { entry: { ...common(connection, item), ...known, ...outcome, at }, isKnown: knownSince !== null };
}

/** A note on a message that waits or was given up before any download, of which at most its envelope is known. */
export function noteUnread(
  ports: IntakePorts,
  connection: Connection,
  item: Waiting,
  outcome: Pick<ActivityEntry, 'result' | 'code' | 'reason'>,
  envelope?: Preview,
): Note {
  const id = entryIdOf(connection, item, envelope);
  const { from, subject } = envelope ?? noFacts;
  const known = { ...noFacts, from, subject, id, size: item.size, steps: [] };
  const given = { issueKey: null, tookMs: 0, at: ports.now(), ...outcome };
  // Where the mailbox is listed anew it may have been given up before, and an administrator may have decided on it.
  const isKnown = outcome.result === 'quarantined' && item.again !== true;
  return { entry: { ...common(connection, item), ...known, ...given }, isKnown };
}

const common = (connection: Connection, { handle, again, attempts }: Waiting) => ({
  connectionId: connection.id,
  mailbox: mailboxIdentity(connection.settings),
  handle,
  triesBefore: again ? pollLimits.attempts : attempts,
});

export interface Noted {
  results: ResultCounts;
  /** Ids of entries that an administrator has dismissed before. */
  dismissed: ReadonlySet<string>;
  /** Handles of messages that were given up where nobody can see it, since that could not be written. */
  missed: ReadonlySet<string>;
}

/**
 * Writes a batch's notes, and counts them. Never throws: the log
 * is for people, and what keeps mail from being lost or doubled are the receipts.
 * @param gone ids of entries whose message is no longer in the mailbox
 * @param replaced ids of entries that messages of the batch had before
 */
export async function noteActivity(
  ports: IntakePorts,
  notes: readonly Note[],
  gone: readonly string[],
  replaced: readonly string[],
): Promise<Noted> {
  const dismissed = new Set<string>();
  const fresh = withoutCopies(notes);
  let counted = [...fresh.values()].filter(({ isKnown }) => !isKnown).map(({ entry }) => entry);
  try {
    const asked = [...fresh.values()].filter(({ isKnown }) => isKnown).map(({ entry }) => entry.id);
    const ids = [...new Set([...asked, ...gone])];
    const stored = ids.length === 0 ? new Map<string, ActivityEntry>() : await ports.activity.getMany(ids);
    for (const [id, { isKnown, entry }] of fresh) {
      const before = stored.get(id);
      if (!isKnown || before === undefined) continue;
      if (before.result === 'dismissed') dismissed.add(id);
      if (!isSaid(before, entry)) continue;
      // Whoever wants to see or reprocess it has to find it under the name that it has now.
      if (isGivenUp(before) && before.handle !== entry.handle)
        fresh.set(id, { isKnown, entry: { ...before, handle: entry.handle } });
      else fresh.delete(id);
    }
    // Under the name that it has in a mailbox that is listed anew it may be there all the same.
    const left = gone.filter((id) => !fresh.has(id)).flatMap((id) => leaving(stored.get(id), ports.now()));
    const entries = [...[...fresh.values()].map(({ entry }) => entry), ...left];
    // What an earlier run had taken long ago was counted then.
    counted = entries.filter(({ at }) => ports.now() - at < graceMs * 2);
    if (entries.length > 0) await ports.activity.record(entries);
    const written = new Set(notes.map(({ entry }) => entry.id));
    const old = replaced.filter((id) => !written.has(id));
    if (old.length > 0) await ports.activity.remove(old);
  } catch (failure) {
    ports.log('warn', 'activity-not-noted', { connectionId: notes[0]?.entry.connectionId, failure });
    const missed = notes.flatMap(({ entry }) => (entry.result === 'quarantined' ? [entry.handle] : []));
    const results = countsOf(counted.filter(({ result }) => result !== 'quarantined'));
    return { results, dismissed, missed: new Set(missed) };
  }
  return { results: countsOf(counted), dismissed, missed: new Set() };
}

/** Byte-identical copies are one message, and have one entry: what happened in this run counts. */
function withoutCopies(notes: readonly Note[]): Map<string, Note> {
  const byId = new Map<string, Note>();
  for (const note of notes) if (!note.isKnown || !byId.has(note.entry.id)) byId.set(note.entry.id, note);
  return byId;
}

/** What an administrator dismissed stays so when it is met again. */
function isSaid(before: ActivityEntry, entry: ActivityEntry): boolean {
  return before.result === entry.result || (before.result === 'dismissed' && entry.result === 'quarantined');
}

const isGivenUp = ({ result }: ActivityEntry) => result === 'quarantined' || result === 'dismissed';

const isOver = ({ result }: ActivityEntry) => result === 'created' || result === 'skipped' || result === 'gone';

function leaving(before: ActivityEntry | undefined, at: number): ActivityEntry[] {
  if (before === undefined || isOver(before)) return [];
  const reason = `${mailGone.reason} Before that: ${before.reason ?? ''}`.trim();
  return [{ ...before, at, ...mailGone, reason }];
}
