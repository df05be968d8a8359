import type { CustomerEgress, EgressRecord } from './customer-egress';
import type { Installation } from './installation';
import type { KvsRecord, KvsStore } from './kvs-store';
import type { QueueRecord, QueueStore } from './queue-store';
import type { TriggerRecord } from './scheduler';

/** A line of the journal. It is ours alone: nothing else writes it. */
type StateRecord =
  | { installation: Installation }
  | KvsRecord
  | { kvs: 'all'; records: KvsRecord[] }
  | QueueRecord
  | EgressRecord
  | TriggerRecord;

interface State {
  store: KvsStore;
  events: QueueStore;
  /** Last runs of scheduled triggers. */
  ranAt: Map<string, number>;
  egress: CustomerEgress;
}

/** Plays the journal back; returns the installation it was written for. */
export function restoreState(
  records: readonly unknown[],
  { store, events, ranAt, egress }: State,
): Installation | null {
  let installation: Installation | null = null;
  for (const record of records as readonly StateRecord[]) {
    if ('installation' in record) installation = record.installation;
    else if ('egress' in record) egress.restore(record);
    else if ('queue' in record) events.restore(record);
    else if ('trigger' in record) ranAt.set(record.trigger, record.ranAt);
    else if (record.kvs === 'all') for (const change of record.records) store.restore(change);
    else store.restore(record);
  }
  return installation;
}

/** The shortest journal that leads to this state. */
export function* stateRecords(
  installation: Installation,
  { store, events, ranAt, egress }: State,
): Iterable<StateRecord> {
  yield { installation };
  yield* store.records();
  yield* events.records();
  yield { egress: egress.groups() };
  for (const [trigger, at] of ranAt) yield { trigger, ranAt: at };
}
