import { kvs } from '@forge/kvs';
import type { PlanState } from '../domain/ports';
import { withStoreErrors } from './api-error';
import { keys } from './keys';

export function planStateStore(): PlanState {
  return withStoreErrors({
    get: async () => (await kvs.get<number>(keys.plan)) ?? null,
    put: async (anchor) => kvs.set(keys.plan, anchor),
  });
}
