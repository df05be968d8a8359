import type { Adapter, AdapterPayload } from 'oidc-provider';
import * as z from 'zod';
import type { Journal } from '../journal';

const saved = z.object({ key: z.string(), payload: z.record(z.string(), z.unknown()).nullable() });

/** What lives as long as a click-through only, and so need not survive a restart. */
const passing = ['Session', 'Interaction', 'AuthorizationCode'];

export interface IdentityStore {
  adapter: (model: string) => Adapter;
  /** Removes what some models hold of an account, for one client or for all. */
  forget(accountId: string, models: readonly string[], clientId?: string): void;
}

/**
 * Where one provider keeps codes, tokens, grants and clients. `isLenient` leaves a refresh token good after its first use,
 * as Microsoft does.
 */
export function identityStore(journal: Journal, prefix: string, isLenient: () => boolean): IdentityStore {
  const all = new Map<string, AdapterPayload>();
  for (const record of journal.records) {
    const { key, payload } = saved.parse(record);
    if (!key.startsWith(`${prefix}/`)) continue;
    if (payload === null) all.delete(key);
    else all.set(key, payload);
  }

  function write(key: string, payload: AdapterPayload | null): void {
    if (payload === null) all.delete(key);
    else all.set(key, payload);
    if (!passing.some((model) => key.startsWith(`${prefix}/${model}/`))) journal.append({ key, payload });
  }

  function removeWhere(test: (key: string, payload: AdapterPayload) => boolean): void {
    for (const [key, payload] of [...all]) if (test(key, payload)) write(key, null);
  }

  return {
    adapter: (model) => {
      const keyOf = (id: string) => `${prefix}/${model}/${id}`;
      return {
        upsert: async (id, payload) => write(keyOf(id), payload),
        find: async (id) => all.get(keyOf(id)),
        findByUid: async (uid) =>
          [...all].find(([key, payload]) => key.startsWith(keyOf('')) && payload.uid === uid)?.[1],
        findByUserCode: async () => undefined,
        consume: async (id) => {
          const payload = all.get(keyOf(id));
          if (payload === undefined || (model === 'RefreshToken' && isLenient())) return;
          write(keyOf(id), { ...payload, consumed: Math.floor(Date.now() / 1_000) });
        },
        destroy: async (id) => write(keyOf(id), null),
        revokeByGrantId: async (grantId) => removeWhere((_, payload) => payload.grantId === grantId),
      };
    },
    forget: (accountId, models, clientId) =>
      removeWhere(
        (key, payload) =>
          payload.accountId === accountId &&
          (clientId === undefined || payload.clientId === clientId) &&
          models.some((model) => key.startsWith(`${prefix}/${model}/`)),
      ),
  };
}
