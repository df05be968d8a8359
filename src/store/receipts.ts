import { type GetResult, kvs, MetadataField } from '@forge/kvs';
import { AppError } from '../domain/app-error';
import { graceMs, receiptDaysWhileKept } from '../domain/limits';
import type { Claim, ReadReceipts, Receipts } from '../domain/ports';
import { isOver, type Known, type Origin, type Receipt } from '../domain/receipt';
import { addedOnce, withStoreErrors } from './api-error';
import { inBatches } from './batches';
import { getByIds } from './get-by-ids';
import { keys } from './keys';

const claimed: Receipt = { state: 'claimed' };
const ttl = { value: receiptDaysWhileKept, unit: 'DAYS' as const };
const times = { metadataFields: [MetadataField.CREATED_AT, MetadataField.UPDATED_AT, MetadataField.EXPIRE_TIME] };

/**
 * Receipts as plain keys. A claim is a write that fails if the key exists, which is the one thing the store does atomically
 * for keys; so is taking over a claim, on a key of its own for each time that happens.
 */
export function receiptStore(): Receipts {
  return withStoreErrors({
    get,
    getMany,
    claim,
    takeOver,
    put: async (origin, receipt) => kvs.set(keys.receipt(origin), receipt, { ttl }),
    putMany,
    release: async (origin) => kvs.delete(keys.receipt(origin)),
  });
}

/** For what is only shown: nothing is claimed, and what a run does meanwhile is not seen. */
export const readReceipts: ReadReceipts = (origins) => getByIds<Receipt>(origins, keys.receipt);

async function get(origin: Origin): Promise<Known | null> {
  const found = await kvs.get<Receipt>(keys.receipt(origin), times);
  return found === undefined ? null : knownFrom(found);
}

async function getMany(origins: readonly Origin[]): Promise<Map<Origin, Known>> {
  const known = new Map<Origin, Known>();
  for (const part of inBatches(origins)) {
    const byKey = new Map(part.map((origin) => [keys.receipt(origin), origin]));
    const { successfulKeys } = await kvs.batchGet<Receipt>([...byKey.keys()].map((key) => ({ key, options: times })));
    for (const found of successfulKeys) {
      const origin = byKey.get(found.key);
      if (origin !== undefined) known.set(origin, await knownFrom(found));
    }
  }
  return known;
}

async function knownFrom({ value, updatedAt, expireTime }: Omit<GetResult<Receipt>, 'key'>): Promise<Known> {
  const endsAt = Date.parse(expireTime ?? '');
  return {
    receipt: value,
    notedAt: updatedAt ?? 0,
    endsAt: Number.isNaN(endsAt) ? null : endsAt,
    ageMs: isOver(value) ? 0 : (await storeNow()) - (updatedAt ?? Number.POSITIVE_INFINITY),
  };
}

async function putMany(receipts: ReadonlyMap<Origin, Receipt>): Promise<void> {
  for (const part of inBatches([...receipts])) {
    const items = part.map(([origin, value]) => ({ key: keys.receipt(origin), value, options: { ttl } }));
    const { failedKeys } = await kvs.batchSet<Receipt>(items);
    const [first] = failedKeys;
    if (first === undefined) continue;
    const message = `Forge's storage refused ${failedKeys.length} receipts of mail. The next poll tries again.`;
    throw new AppError('receipts-refused', 'transient', message, { cause: first.error });
  }
}

async function claim(origin: Origin): Promise<Claim> {
  if (await addOnce(keys.receipt(origin))) return { won: true };
  // Released between the two calls; whoever comes next may have it.
  const known = (await get(origin)) ?? { receipt: claimed, ageMs: 0, notedAt: 0, endsAt: null };
  return { won: false, ...known };
}

async function takeOver(origin: Origin): Promise<boolean> {
  for (let generation = 1; ; generation += 1) {
    const key = keys.takeOver(origin, generation);
    if (await addOnce(key)) return true;
    const found = await kvs.get<Receipt>(key, times);
    const age = (await storeNow()) - (found?.createdAt ?? Number.POSITIVE_INFINITY);
    // Whoever took it over last may still be at work.
    if (age < graceMs) return false;
  }
}

function addOnce(key: string): Promise<boolean> {
  return addedOnce(
    () => kvs.set(key, claimed, { keyPolicy: 'FAIL_IF_EXISTS', ttl }),
    () => kvs.get(key),
  );
}

/**
 * The store's clock: ages of claims must not depend on the clocks of the machines that functions happen to run on. Asked
 * only when a claim is found that somebody else made.
 */
async function storeNow(): Promise<number> {
  const written = await kvs.set(keys.storeClock, 1, {
    keyPolicy: 'OVERRIDE',
    returnValue: 'LATEST',
    returnMetadataFields: [MetadataField.UPDATED_AT],
  });
  if (written?.updatedAt === undefined) {
    throw new AppError('store-clock', 'transient', "Forge's storage did not tell its time. The next poll tries again.");
  }
  return written.updatedAt;
}
