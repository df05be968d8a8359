import { kvs, MetadataField } from '@forge/kvs';
import { AppError } from '../domain/app-error';
import { addedOnce } from './api-error';
import { keys } from './keys';

/** The platform's times of a key. */
export const times = {
  metadataFields: [MetadataField.CREATED_AT, MetadataField.UPDATED_AT, MetadataField.EXPIRE_TIME],
};

interface Ttl {
  value: number;
  unit: 'HOURS' | 'DAYS';
}

/** Adds a key that is not there; exactly one of any number of callers does. */
export function addOnce(key: string, value: unknown, ttl?: Ttl): Promise<boolean> {
  return addedOnce(
    () => kvs.set(key, value, { keyPolicy: 'FAIL_IF_EXISTS', ...(ttl !== undefined && { ttl }) }),
    () => kvs.get(key),
  );
}

/**
 * Whether this caller may take over what was claimed once; exactly one of any number of callers may.
 * @param keyOf a key for each time that somebody does. @param graceMs whoever took it over within that may still be at work
 */
export async function takeOverOnce(
  keyOf: (generation: number) => string,
  value: unknown,
  ttl: Ttl,
  graceMs: number,
): Promise<boolean> {
  for (let generation = 1; ; generation += 1) {
    const key = keyOf(generation);
    if (await addOnce(key, value, ttl)) return true;
    const found = await kvs.get(key, times);
    const age = (await storeNow()) - (found?.createdAt ?? Number.POSITIVE_INFINITY);
    if (age < graceMs) return false;
  }
}

/**
 * The store's clock: ages of claims must not depend on the clocks of the machines that functions happen to run on. Asked
 * only when a claim is found that somebody else made.
 */
export async function storeNow(): Promise<number> {
  const written = await kvs.set(keys.storeClock, 1, {
    keyPolicy: 'OVERRIDE',
    returnValue: 'LATEST',
    returnMetadataFields: [MetadataField.UPDATED_AT],
  });
  if (written?.updatedAt === undefined) {
    throw new AppError('store-clock', 'transient', "Forge's storage did not tell its time. It is tried again.");
  }
  return written.updatedAt;
}
