import type { Clock } from '../clock';

/** `plain`, `secret`, or `entity/<name>`: keys of different spaces never meet. */
export type Space = string;

export interface Entry {
  key: string;
  value: unknown;
  /** Size of the value as JSON, in bytes. */
  bytes: number;
  /** Epoch milliseconds. */
  createdAt: number;
  updatedAt: number;
  expiresAt: number | null;
}

export type Change =
  | { kind: 'set'; space: Space; key: string; value: unknown; ttlMs: number | null }
  | { kind: 'delete'; space: Space; key: string };

/** What the journal holds of the store. */
export type KvsRecord = { kvs: 'set'; space: Space; entry: Entry } | { kvs: 'delete'; space: Space; key: string };

/** Where a store notes what was changed, before it is. */
export interface StoreJournal {
  append(record: { kvs: 'all'; records: KvsRecord[] }): void;
}

export interface KvsStore {
  get(space: Space, key: string): Entry | null;
  /** All keys of a space in order, expired ones too. */
  keys(space: Space): readonly string[];
  spaces(): Space[];
  /** Grows with each change of a space. */
  revision(space: Space): number;
  /** All changes or none, also across a crash. */
  apply(changes: readonly Change[]): void;
  /** Takes a record of the journal. */
  restore(record: KvsRecord): void;
  /** The records that make up everything. */
  records(): Iterable<KvsRecord>;
}

interface SpaceContent {
  entries: Map<string, Entry>;
  /** Sorted; made on the first query, kept in step afterwards. */
  sorted: string[] | null;
  revision: number;
}

/** `removalLagMs` is how long an expired entry stays readable, since Forge removes late. */
export function createKvsStore(clock: Clock, journal: StoreJournal, removalLagMs: number): KvsStore {
  const content = new Map<Space, SpaceContent>();

  const spaceOf = (space: Space): SpaceContent => {
    const existing = content.get(space);
    if (existing) return existing;
    const fresh: SpaceContent = { entries: new Map(), sorted: null, revision: 0 };
    content.set(space, fresh);
    return fresh;
  };

  const restore = (record: KvsRecord): void => {
    const space = spaceOf(record.space);
    space.revision += 1;
    const key = record.kvs === 'set' ? record.entry.key : record.key;
    const existed = space.entries.has(key);
    if (record.kvs === 'set') space.entries.set(key, record.entry);
    else space.entries.delete(key);
    if (space.sorted && existed !== (record.kvs === 'set')) {
      const at = lowerBound(space.sorted, key);
      if (existed) space.sorted.splice(at, 1);
      else space.sorted.splice(at, 0, key);
    }
  };

  const get = (name: Space, key: string): Entry | null => {
    const entry = content.get(name)?.entries.get(key);
    if (!entry) return null;
    if (entry.expiresAt !== null && entry.expiresAt + removalLagMs <= clock.now()) return null;
    return entry;
  };

  return {
    get,
    restore,
    spaces: () => [...content.keys()],
    revision: (name) => spaceOf(name).revision,
    keys: (name) => {
      const space = spaceOf(name);
      space.sorted ??= [...space.entries.keys()].sort(compareKeys);
      return space.sorted;
    },
    apply: (changes) => {
      const now = clock.now();
      const records = changes.map((change): KvsRecord => {
        if (change.kind === 'delete') return { kvs: 'delete', space: change.space, key: change.key };
        const text = JSON.stringify(change.value);
        const entry: Entry = {
          key: change.key,
          // A copy: the store must not change when the caller's object does.
          value: JSON.parse(text),
          bytes: Buffer.byteLength(text),
          createdAt: get(change.space, change.key)?.createdAt ?? now,
          updatedAt: now,
          // Whole seconds, as the platform tells them.
          expiresAt: change.ttlMs === null ? null : Math.ceil((now + change.ttlMs) / 1_000) * 1_000,
        };
        return { kvs: 'set', space: change.space, entry };
      });
      // One record for all: a crash leaves either everything or nothing.
      journal.append({ kvs: 'all', records });
      for (const record of records) restore(record);
    },
    records: function* () {
      for (const [space, { entries }] of content) {
        for (const entry of entries.values()) {
          if (get(space, entry.key) !== null) yield { kvs: 'set', space, entry };
        }
      }
    },
  };
}

export function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first position in sorted `keys` whose key is not before `key`. */
export function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keys[middle] ?? '', key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
