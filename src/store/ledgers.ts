import { Filter, FilterConditions, kvs } from '@forge/kvs';
import { emptyLedger, type Ledger, type Ledgers } from '../domain/alert-ports';
import { isStoreError, withStoreErrors } from './api-error';
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
      try {
        if (ledger.version === 0) await entity.set(alertId, stored, { keyPolicy: 'FAIL_IF_EXISTS' });
        else {
          const conditions = new Filter<Stored>().and('version', FilterConditions.equalTo(ledger.version));
          await kvs.transact().set(alertId, stored, { entityName, conditions }).execute();
        }
      } catch (thrown) {
        if (isStoreError(thrown, 'KEY_CONFLICT') || isStoreError(thrown, 'CONDITIONAL_CHECK_FAILED')) return null;
        throw thrown;
      }
      return next;
    },
    remove: async (alertId) => {
      await entity.delete(alertId);
    },
  });
}
