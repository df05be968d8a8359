import { Filter, FilterConditions, kvs } from '@forge/kvs';
import { emptyLedger, type Ledger, type Ledgers } from '../domain/alert-ports';
import { withStoreErrors, writtenIf } from './api-error';
import { keys } from './keys';

interface Stored {
  version: number;
  content: Ledger;
}

const entityName = keys.ledgerEntity;

/** Ledgers as a custom entity: the only kind of record that the store writes on a condition. */
export function ledgerStore(): Ledgers {
  const entity = kvs.entity<Stored>(entityName);
  return withStoreErrors({
    getMany: async (alertIds) => {
      const found = await Promise.all(alertIds.map(async (id) => [id, await entity.get(id)] as const));
      return new Map(found.map(([id, stored]) => [id, { ...emptyLedger, ...stored?.content }]));
    },
    put: async (alertId, ledger) => {
      const next = { ...ledger, version: ledger.version + 1 };
      const stored: Stored = { version: next.version, content: next };
      const conditions = new Filter<Stored>().and('version', FilterConditions.equalTo(ledger.version));
      const isWritten = await writtenIf({
        write: () =>
          ledger.version === 0
            ? entity.set(alertId, stored, { keyPolicy: 'FAIL_IF_EXISTS' })
            : kvs.transact().set(alertId, stored, { entityName, conditions }).execute(),
        read: () => entity.get(alertId),
        expects: (now) => (now?.version ?? 0) === ledger.version,
      });
      return isWritten ? next : null;
    },
    remove: async (alertId) => {
      await entity.delete(alertId);
    },
  });
}
