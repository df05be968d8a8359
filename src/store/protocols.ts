import { kvs } from '@forge/kvs';
import { protocolLimits } from '../domain/limits';
import { newestLines, type Protocol, type Protocols } from '../domain/protocol';
import { withStoreErrors } from './api-error';
import { keys } from './keys';

const ttl = { value: protocolLimits.hours, unit: 'HOURS' } as const;

/** The protocols of connections, one value for each: while a log is on, a poll reads and writes it once. */
export function protocolStore(): Protocols {
  return withStoreErrors({
    get,
    append: async (connectionId, lines) => {
      const before = await get(connectionId);
      const kept = newestLines({ ...before, lines: [...before.lines, ...lines] });
      await kvs.set(keys.protocol(connectionId), kept, { ttl });
    },
    remove: async (connectionId) => kvs.delete(keys.protocol(connectionId)),
  });
}

async function get(connectionId: string): Promise<Protocol> {
  return (await kvs.get<Protocol>(keys.protocol(connectionId))) ?? { lines: [], cut: false };
}
