import { kvs } from '@forge/kvs';
import type { JiraPause } from '../domain/ports';
import { withStoreErrors } from './api-error';
import { keys } from './keys';

/** Answers of Jira name the same full hour by seconds that differ this much (ms). */
const sameMs = 60_000;

export function jiraPauseStore(): JiraPause {
  const until = async () => (await kvs.get<number>(keys.jiraPause)) ?? 0;
  return withStoreErrors({
    until,
    pause: async (end) => {
      if (Math.abs((await until()) - end) > sameMs) await kvs.set(keys.jiraPause, end);
    },
  });
}
