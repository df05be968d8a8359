import { type GetResult, kvs } from '@forge/kvs';
import { AppError } from '../domain/app-error';
import { graceMs, receiptDaysWhileKept } from '../domain/limits';
import type { Claim, ReadReceipts, Receipts } from '../domain/ports';
import { isOver, type Known, type Origin, type Receipt } from '../domain/receipt';
import { withStoreErrors } from './api-error';
import { inBatches } from './batches';
import { addOnce, storeNow, takeOverOnce, times } from './claims';
import { getByIds } from './get-by-ids';
import { keys } from './keys';

const claimed: Receipt = { state: 'claimed' };
const ttl = { value: receiptDaysWhileKept, unit: 'DAYS' as const };

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
  if (await addOnce(keys.receipt(origin), claimed, ttl)) return { won: true };
  // Released between the two calls; whoever comes next may have it.
  const known = (await get(origin)) ?? { receipt: claimed, ageMs: 0, notedAt: 0, endsAt: null };
  return { won: false, ...known };
}

const takeOver = (origin: Origin): Promise<boolean> =>
  takeOverOnce((generation) => keys.takeOver(origin, generation), claimed, ttl, graceMs);
