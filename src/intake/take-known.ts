import type { ActivityEntry } from '../domain/activity';
import { toAppError } from '../domain/app-error';
import { type Connection, isKnownByHandle } from '../domain/connection';
import type { Waiting } from '../domain/cursor';
import { isOver, type Known, type Origin } from '../domain/receipt';
import type { BatchState, Outcome } from './batch-state';
import { originOf } from './fingerprint';
import type { IntakePorts } from './intake-ports';
import { endingSoon } from './take-message';

/** What was finished since then (ms) may have been noted nowhere, since its run was ended: it is downloaded for its subject. */
const notedForSureMs = 24 * 60 * 60_000;

/**
 * Finishes what the store knows already, where the provider has a name for each message: nothing of it is downloaded. Those
 * leave `items`. Returns the handles of messages of which the store knows nothing. Never throws.
 */
export async function takeKnown(
  ports: IntakePorts,
  connection: Connection,
  items: Map<string, Waiting>,
  state: BatchState,
): Promise<Set<string>> {
  if (items.size === 0 || !isKnownByHandle(connection.settings)) return new Set();
  const handles = new Map([...items.keys()].map((handle) => [originOf(connection, handle, new Uint8Array()), handle]));
  try {
    const known = await ports.receipts.getMany([...handles.keys()]);
    const over = new Map(
      [...known].filter(([origin, { receipt }]) => isOver(receipt) && !isAgain(items, handles, origin)),
    );
    if (over.size > 0) {
      // As before each message that is taken.
      const current = await ports.connections.get(connection.id);
      state.interrupted = current?.version !== connection.version;
      if (state.interrupted) return new Set();
      const entries = await ports.activity.getMany([...over.keys()]).catch(() => new Map<string, ActivityEntry>());
      const ending = endingSoon(over, ports.now());
      if (ending.size > 0) await ports.receipts.putMany(ending);
      for (const [origin, one] of over) {
        const handle = handles.get(origin);
        if (handle === undefined || !isNoted(one, entries.get(origin), ports.now())) continue;
        state.outcomes.set(handle, outcomeOf(origin, one, entries.get(origin)));
        items.delete(handle);
      }
    }
    return new Set([...handles].flatMap(([origin, handle]) => (known.has(origin) ? [] : [handle])));
  } catch (thrown) {
    state.error = toAppError(thrown);
    return new Set();
  }
}

const isAgain = (items: Map<string, Waiting>, handles: Map<Origin, string>, origin: Origin): boolean =>
  items.get(handles.get(origin) ?? '')?.again === true;

function isNoted({ receipt, notedAt }: Known, entry: ActivityEntry | undefined, now: number): boolean {
  if (entry === undefined) return now - notedAt > notedForSureMs;
  const { result } = entry;
  if (receipt.state === 'done') return result === 'created';
  return result === receipt.state || (result === 'dismissed' && receipt.state === 'quarantined');
}

function outcomeOf(entryId: Origin, { receipt }: Known, entry: ActivityEntry | undefined): Outcome {
  if (receipt.state === 'quarantined') {
    const { code, reason } = receipt;
    return { kind: 'quarantined', code, reason, entryId, dismissed: entry?.result === 'dismissed' };
  }
  return receipt.state === 'skipped' ? { kind: 'skipped' } : { kind: 'settle', attempts: 0 };
}
