import { kvs, MetadataField } from '@forge/kvs';
import { AppError } from '../domain/app-error';
import { graceMs, receiptDaysWhileKept } from '../domain/limits';
import type { Claim, Receipts } from '../domain/ports';
import type { Origin, Receipt } from '../domain/receipt';
import { isStoreError, withStoreErrors } from './api-error';
import { keys } from './keys';

const claimed: Receipt = { state: 'claimed' };
const ttl = (days: number) => ({ value: days, unit: 'DAYS' as const });
const times = { metadataFields: [MetadataField.CREATED_AT, MetadataField.UPDATED_AT] };

/**
 * Receipts as plain keys. A claim is a write that fails if the key exists, which is the one thing the store does atomically
 * for keys; so is taking over a claim, on a key of its own for each time that happens.
 */
export function receiptStore(): Receipts {
  return withStoreErrors({
    claim,
    takeOver,
    put: async (origin, receipt, days) => kvs.set(keys.receipt(origin), receipt, { ttl: ttl(days) }),
    release: async (origin) => kvs.delete(keys.receipt(origin)),
  });
}

async function claim(origin: Origin): Promise<Claim> {
  if (await addOnce(keys.receipt(origin))) return { won: true };
  const found = await kvs.get<Receipt>(keys.receipt(origin), times);
  // Released between the two calls; whoever comes next may have it.
  if (found === undefined) return { won: false, receipt: claimed, ageMs: 0, notedAt: 0 };
  const isSettled = ['done', 'skipped', 'quarantined'].includes(found.value.state);
  return {
    won: false,
    receipt: found.value,
    notedAt: found.updatedAt ?? 0,
    ageMs: isSettled ? 0 : (await storeNow()) - (found.updatedAt ?? Number.POSITIVE_INFINITY),
  };
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

async function addOnce(key: string): Promise<boolean> {
  try {
    await kvs.set(key, claimed, { keyPolicy: 'FAIL_IF_EXISTS', ttl: ttl(receiptDaysWhileKept) });
    return true;
  } catch (thrown) {
    if (isStoreError(thrown, 'KEY_CONFLICT')) return false;
    throw thrown;
  }
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
