import type { Connection } from '../domain/connection';
import type { Waiting } from '../domain/cursor';
import { pollLimits } from '../domain/limits';
import type { Mailbox } from '../domain/ports';
import { previewSize } from '../domain/start';
import type { BatchState } from './batch-state';
import { entryIdOf } from './fingerprint';
import type { IntakePorts } from './intake-ports';
import { noteOn } from './note-activity';

const tooLarge = 'mail-too-large';

/** Gives up a message that the connection's settings do not allow. */
export async function refuseTooLarge(
  ports: IntakePorts,
  connection: Connection,
  item: Waiting,
  size: number,
  state: BatchState,
): Promise<void> {
  const reason = `The mail has ${Math.ceil((size / 1024 / 1024) * 10) / 10} MB; this connection takes mail of up to ${connection.settings.largestMailMb} MB.`;
  await setAside(ports, connection, { ...item, size }, tooLarge, reason, state);
}

/** A server that leaves a message out of its answer, without an error, must not keep a run busy for ever. */
export async function retryWithheld(
  ports: IntakePorts,
  connection: Connection,
  item: Waiting,
  state: BatchState,
): Promise<void> {
  const attempts = item.attempts + 1;
  if (attempts >= pollLimits.attempts) {
    const reason = 'The mail server lists this mail, but does not hand it out. Look at it with a mail program.';
    return setAside(ports, connection, item, 'mail-withheld', reason, state);
  }
  const retryAt = ports.now() + pollLimits.backoffMs * 2 ** attempts;
  state.outcomes.set(item.handle, { kind: 'retry', waiting: { ...item, reason: 'failed', attempts, retryAt } });
}

/** Gives up a message that was never read, under the name that the mailbox has for it. */
export async function setAside(
  ports: IntakePorts,
  connection: Connection,
  item: Waiting,
  code: string,
  reason: string,
  state: BatchState,
): Promise<void> {
  const entryId = entryIdOf(connection, item.handle);
  state.outcomes.set(item.handle, { kind: 'quarantined', code, reason, entryId });
  const outcome = { result: 'quarantined', issueKey: null, code, reason, tookMs: 0 } as const;
  state.notes.push(await noteOn(ports, connection, item, null, outcome, null));
}

/**
 * Adds sender and subject to what a batch notes of messages that are too large: nobody knows a mail by its size. Never
 * throws: they are given up all the same, and only named by less.
 */
export async function nameTooLarge(ports: IntakePorts, mailbox: Mailbox, { notes }: BatchState): Promise<void> {
  const unnamed = notes.map(({ entry }) => entry).filter(({ code, from }) => code === tooLarge && from === null);
  try {
    for (let at = 0; at < unnamed.length && ports.remainingMs() >= pollLimits.reserveMs; at += previewSize) {
      const some = unnamed.slice(at, at + previewSize);
      const previews = await mailbox.preview(some.map(({ handle }) => handle));
      for (const { handle, from, subject } of previews) {
        const entry = some.find((one) => one.handle === handle);
        if (entry !== undefined) Object.assign(entry, { from, subject });
      }
    }
  } catch (failure) {
    ports.log('warn', 'too-large-not-named', { connectionId: unnamed[0]?.connectionId, failure });
  }
}
