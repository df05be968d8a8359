import { kvs } from '@forge/kvs';
import type { PlanState } from '../domain/ports.ts';
import { withStoreErrors } from './api-error.ts';
import { keys } from './keys.ts';

export function planStateStore(): PlanState {
  return withStoreErrors({
    get: async () => (await kvs.get<number>(keys.plan)) ?? null,
    put: async (anchor) => kvs.set(keys.plan, anchor),
  });
}
