import type { AppError } from '../domain/app-error';
import { type Connection, isKnownByHandle } from '../domain/connection';
import type { Waiting } from '../domain/cursor';
import { failureOf } from '../domain/cursor-room';
import { pollLimits } from '../domain/limits';
import type { Mailbox } from '../domain/ports';
import { type Preview, previewSize } from '../domain/start';
import type { BatchState } from './batch-state';
import type { IntakePorts } from './intake-ports';
import { mailGone, noteUnread } from './note-activity';

/** Gives up messages that the connection's settings do not allow, each with what their envelope tells of them. */
export async function refuseTooLarge(
  ports: IntakePorts,
  connection: Connection,
  mailbox: Mailbox,
  items: readonly Waiting[],
  state: BatchState,
): Promise<void> {
  const { largestMailMb } = connection.settings;
  for (let start = 0; start < items.length && ports.remainingMs() >= pollLimits.reserveMs; start += previewSize) {
    const part = items.slice(start, start + previewSize);
    const envelopes = await envelopesOf(ports, connection, mailbox, part);
    for (const item of part) {
      const size = Math.ceil(((item.size ?? 0) / 1024 / 1024) * 10) / 10;
      const reason = `The mail has ${size} MB; this connection takes mail of up to ${largestMailMb} MB.`;
      setAside(ports, connection, item, { code: 'mail-too-large', reason }, state, envelopes.get(item.handle));
    }
  }
}

/** A mail whose envelope can not be read is given up without it: nothing else is known of it, and others wait. */
async function envelopesOf(
  ports: IntakePorts,
  connection: Connection,
  mailbox: Mailbox,
  items: readonly Waiting[],
): Promise<Map<string, Preview>> {
  try {
    const envelopes = await mailbox.preview(items.map(({ handle }) => handle));
    return new Map(envelopes.map((one) => [one.handle, one]));
  } catch (failure) {
    ports.log('warn', 'envelopes-not-read', { connectionId: connection.id, failure });
    return new Map();
  }
}

/** A server that leaves a message out of its answer, without an error, must not keep a run busy for ever. */
export async function retryWithheld(
  ports: IntakePorts,
  connection: Connection,
  mailbox: Mailbox,
  item: Waiting,
  state: BatchState,
): Promise<void> {
  const attempts = item.attempts + 1;
  const isLast = attempts >= pollLimits.attempts;
  const isEnvelopeWanted = isLast || item.entryId === undefined;
  const envelopes = isEnvelopeWanted ? await envelopesOf(ports, connection, mailbox, [item]) : new Map();
  const envelope = envelopes.get(item.handle);
  if (isLast) {
    const { code, message: reason } = mailWithheld;
    setAside(ports, connection, item, { code, reason }, state, envelope);
    return;
  }
  const retryAt = ports.now() + pollLimits.backoffMs * 2 ** attempts;
  waitUnread(ports, connection, { ...item, reason: 'failed', attempts, retryAt }, mailWithheld, state, envelope);
}

const mailWithheld = {
  code: 'mail-withheld',
  message: 'The mail server lists this mail, but does not hand it out. Look at it with a mail program.',
} as const;

/**
 * Why a message waits of which the mailbox said that it is not there. A server that lags behind the one that listed it says so
 * too, and a provider in a bad moment: believed at once, the mail would never be looked at again.
 */
const mailMissing = {
  code: 'mail-missing',
  message:
    'The mail server listed this mail, and then said that it is not there. Letterbox asks once more before it believes that.',
} as const;

/** The mailbox says that a message is not there: believed when a later poll hears the same. */
export function waitOrGone(ports: IntakePorts, connection: Connection, item: Waiting, state: BatchState): void {
  const now = ports.now();
  const missingAt = item.reason === 'missing' ? (item.missingAt ?? now) : now;
  // Where a mailbox is listed anew, names of before mean nothing, and the message comes by another one if it is there.
  const hasLostName = item.uncounted === true && !isKnownByHandle(connection.settings);
  if (hasLostName || now - missingAt >= pollLimits.missingMs) {
    state.outcomes.set(item.handle, { kind: 'gone' });
    // What has an entry is told there.
    if (!hasLostName && item.entryId === undefined) state.notes.push(noteUnread(ports, connection, item, mailGone));
    return;
  }
  // No entry yet: where two runs meet, it may be the other one that has just taken it away, and noted it.
  const waiting: Waiting = {
    ...item,
    ...failureOf(mailMissing),
    reason: 'missing',
    missingAt,
    retryAt: now + pollLimits.missingAgainMs,
  };
  state.outcomes.set(item.handle, { kind: 'retry', waiting });
}

/** Lets a message wait that could not be read, and says so in the activity log, unless there is an entry that says more. */
export function waitUnread(
  ports: IntakePorts,
  connection: Connection,
  waiting: Waiting,
  error: Pick<AppError, 'code' | 'message'>,
  state: BatchState,
  envelope?: Preview,
): void {
  let { entryId } = waiting;
  if (entryId === undefined) {
    const outcome = { result: 'failed', code: error.code, reason: error.message } as const;
    const note = noteUnread(ports, connection, waiting, outcome, envelope);
    state.notes.push(note);
    entryId = note.entry.id;
  }
  state.outcomes.set(waiting.handle, { kind: 'retry', waiting: { ...waiting, ...failureOf(error), entryId } });
}

/** Gives up a message that was never read, under what the mailbox says of it. */
export function setAside(
  ports: IntakePorts,
  connection: Connection,
  item: Waiting,
  { code, reason }: { code: string; reason: string },
  state: BatchState,
  envelope?: Preview,
): void {
  const note = noteUnread(ports, connection, item, { result: 'quarantined', code, reason }, envelope);
  state.outcomes.set(item.handle, { kind: 'quarantined', code, reason, entryId: note.entry.id });
  state.notes.push(note);
}
