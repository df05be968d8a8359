import * as z from 'zod';
import { filterPredicate, filtersShape } from './conditions';
import { checkEntityValue, declaredEntity, entitySpace } from './entities';
import type { Change, KvsStore, Space } from './kvs-store';
import { checkKey, checkValue, KvsRefusal, parseBody, ttlMs, writeOptions } from './kvs-values';
import { kvsLimits } from './limits';
import type { EntityDeclaration } from './manifest';

export interface WriteContext {
  store: KvsStore;
  entities: ReadonlyMap<string, EntityDeclaration>;
}

const target = z.object({ key: z.string(), entityName: z.string().optional() });
const setShape = target.extend({
  value: z.unknown(),
  conditions: filtersShape.optional(),
  options: writeOptions.optional(),
});
const deleteShape = target.extend({ conditions: filtersShape.optional() });
const checkShape = target.extend({ conditions: filtersShape });

const transactionShape = z.strictObject({
  set: z.array(setShape).default([]),
  delete: z.array(deleteShape).default([]),
  check: z.array(checkShape).default([]),
});

/** All operations or none. @throws KvsRefusal 400 `CONDITIONAL_CHECK_FAILED` when a condition does not hold. */
export function transact(context: WriteContext, body: unknown): void {
  const request = parseBody(transactionShape, body);
  const operations = [...request.set, ...request.delete, ...request.check];
  checkOperations(operations);
  if (Buffer.byteLength(JSON.stringify(body)) > kvsLimits.transactionBytes) {
    throw new KvsRefusal(400, 'MAX_SIZE', 'A transaction must be at most 4 MB.');
  }
  for (const { key, entityName, conditions } of operations) {
    if (!conditions) continue;
    if (entityName === undefined) throw new KvsRefusal(400, 'INVALID_REQUEST', 'Conditions are for entities only.');
    const holds = filterPredicate(conditions, declaredEntity(context.entities, entityName));
    if (!holds(context.store.get(entitySpace(entityName), key)?.value)) {
      throw new KvsRefusal(400, 'CONDITIONAL_CHECK_FAILED', `A condition on ${key} does not hold.`);
    }
  }
  context.store.apply([
    ...request.set.map((operation) => setChange(context, operation)),
    ...request.delete.map((operation) => deleteChange(context, operation)),
  ]);
}

interface BatchItem {
  key: string;
  entityName?: string | undefined;
}
export interface BatchResult<T> {
  successfulKeys: T[];
  failedKeys: (BatchItem & { error: { code: string; message: string } })[];
}

/** Applies `work` to each item by itself. @throws KvsRefusal for a batch that is refused whole */
export function batch<T extends BatchItem, R>(items: readonly T[], work: (item: T) => R): BatchResult<R> {
  checkOperations(items);
  const result: BatchResult<R> = { successfulKeys: [], failedKeys: [] };
  for (const item of items) {
    const name = { key: item.key, ...(item.entityName === undefined ? {} : { entityName: item.entityName }) };
    try {
      result.successfulKeys.push(work(item));
    } catch (error) {
      if (!(error instanceof KvsRefusal)) throw error;
      result.failedKeys.push({ ...name, error: { code: error.code, message: error.message } });
    }
  }
  return result;
}

export const batchSetShape = z.array(setShape.omit({ conditions: true }).strict());
export const batchDeleteShape = z.array(target.strict());

/** @throws KvsRefusal */
export function setChange(
  { entities }: WriteContext,
  { key, entityName, value, options }: Omit<z.infer<typeof setShape>, 'conditions'>,
): Change {
  checkKey(key);
  if (entityName === undefined) checkValue(value, kvsLimits.valueBytes);
  else checkEntityValue(declaredEntity(entities, entityName), value);
  return { kind: 'set', space: spaceFor(entityName), key, value, ttlMs: ttlMs(options) };
}

/** @throws KvsRefusal */
export function deleteChange({ entities }: WriteContext, { key, entityName }: BatchItem): Change {
  checkKey(key);
  if (entityName !== undefined) declaredEntity(entities, entityName);
  return { kind: 'delete', space: spaceFor(entityName), key };
}

export function spaceFor(entityName: string | undefined): Space {
  return entityName === undefined ? 'plain' : entitySpace(entityName);
}

/** Transactions and batches: 1 to 25 operations, each on a key of its own. */
function checkOperations(operations: readonly BatchItem[]): void {
  if (operations.length === 0) throw new KvsRefusal(400, 'INVALID_REQUEST', 'There must be at least one operation.');
  if (operations.length > kvsLimits.operations) {
    throw new KvsRefusal(400, 'MAX_OPERATIONS', `There may be at most ${kvsLimits.operations} operations.`);
  }
  const keys = new Set(operations.map(({ key, entityName }) => JSON.stringify([entityName ?? null, key])));
  if (keys.size !== operations.length) {
    throw new KvsRefusal(400, 'DUPLICATE_KEY', 'Each key can only be used once.');
  }
}
