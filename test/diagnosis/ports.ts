import type { DiagnosisPorts } from '../../src/diagnosis/diagnosis-ports';
import { neededHosts, neededScopes } from '../../src/domain/consent';
import { everyByte } from '../../src/mail/diagnosis-wire';

/** A site on which all is well; a test changes what it breaks. Time passes only while something sleeps. */
export function goodSite() {
  let now = 1_000_000_000_000;
  const listed = new Set<string>();
  const ports: DiagnosisPorts = {
    gateway: {
      hello: async () => ({ ok: true, value: { version: '0.1.0', at: now } }),
      bytes: async () => ({ ok: true, value: everyByte }),
      hold: async () => ({ ok: true, value: null }),
    },
    fetchesJson: () => false,
    jiraTime: async () => now,
    granted: () => ({ scopes: Object.keys(neededScopes), hosts: Object.keys(neededHosts) }),
    query: {
      write: async (id) => void listed.add(id),
      lists: async (id) => listed.has(id),
      remove: async (id) => void listed.delete(id),
    },
    issues: { findByOrigin: async () => 'SUP-1', attachments: async () => [] },
    activity: { list: async () => ({ entries: [], cursor: null, searchedUntil: null }) },
    connections: { list: async () => [] },
    cursors: { get: async () => null },
    newId: () => 'one',
    now: () => now,
    remainingMs: () => 25_000,
    sleep: async (ms) => {
      now += ms;
    },
    log: () => {},
  };
  return {
    ports,
    /** Records that were not removed. */
    listed,
    pass: (ms: number) => {
      now += ms;
    },
  };
}
