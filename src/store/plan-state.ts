import { kvs } from '@forge/kvs';
import type { PlanState } from '../domain/ports.ts';
import { keys } from './keys.ts';

export function planStateStore(): PlanState {
  return {
    get: async () => (await kvs.get<number>(keys.plan)) ?? null,
    put: async (anchor) => kvs.set(keys.plan, anchor),
  };
}
