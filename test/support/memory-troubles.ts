import type { OutgoingTrouble, OutgoingTroubles } from '../../src/domain/outgoing-trouble';

/** The troubles of outgoing connections in memory, with a count of writes. */
export function memoryTroubles(): OutgoingTroubles & { writes(): number } {
  const stored = new Map<string, OutgoingTrouble>();
  let writes = 0;
  return {
    writes: () => writes,
    get: async (id) => stored.get(id) ?? null,
    getMany: async (ids) => new Map([...stored].filter(([id]) => ids.includes(id))),
    put: async (id, trouble) => {
      writes += 1;
      stored.set(id, trouble);
    },
    remove: async (id) => {
      writes += 1;
      stored.delete(id);
    },
  };
}
