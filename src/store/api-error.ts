import { ForgeKvsAPIError } from '@forge/kvs';

/** Whether Forge's storage refused a request with this code. */
export function isStoreError(thrown: unknown, code: 'KEY_CONFLICT' | 'CONDITIONAL_CHECK_FAILED'): boolean {
  return thrown instanceof ForgeKvsAPIError && thrown.code === code;
}
