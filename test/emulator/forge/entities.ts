import * as z from 'zod';
import {
  attribute,
  compareValues,
  filterPredicate,
  filtersShape,
  isOfType,
  rangePredicate,
  rangeShape,
} from './conditions';
import type { Cursors } from './cursors';
import { compareKeys, type Entry, type KvsStore } from './kvs-store';
import { checkValue, getOptions, KvsRefusal } from './kvs-values';
import { kvsLimits } from './limits';
import type { EntityDeclaration, EntityIndex } from './manifest';

export const entitySpace = (name: string): string => `entity/${name}`;

/** @throws KvsRefusal 400 when the manifest does not declare it. */
export function declaredEntity(entities: ReadonlyMap<string, EntityDeclaration>, name: string): EntityDeclaration {
  const entity = entities.get(name);
  if (!entity) throw new KvsRefusal(400, 'ENTITY_NOT_FOUND', `The manifest declares no entity ${name}.`);
  return entity;
}

/** Holds a value against its declaration. @throws KvsRefusal 400 */
export function checkEntityValue(entity: EntityDeclaration, value: unknown): void {
  checkValue(value, kvsLimits.valueBytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new KvsRefusal(400, 'INVALID_ENTITY', 'An entity must be an object.');
  }
  for (const [name, held] of Object.entries(value)) {
    const type = entity.attributes.get(name);
    if (!type) throw new KvsRefusal(400, 'INVALID_ENTITY', `${entity.name} has no attribute ${name}.`);
    if (!isOfType(held, type)) {
      throw new KvsRefusal(
        400,
        'INVALID_ENTITY',
        `${entity.name}.${name} must be of type ${type}; it is ${JSON.stringify(held)}.`,
      );
    }
  }
  for (const index of entity.indexes.values()) {
    const partitionBytes = index.partition.reduce((sum, name) => sum + bytesOf(attribute(value, name)), 0);
    const rangeBytes = index.range === null ? 0 : bytesOf(attribute(value, index.range));
    if (partitionBytes > kvsLimits.partitionBytes || rangeBytes > kvsLimits.rangeBytes) {
      throw new KvsRefusal(
        400,
        'INVALID_ENTITY',
        `The indexed values of ${entity.name} are too long for index ${index.name}.`,
      );
    }
  }
}

export const entityQueryShape = z.object({
  entityName: z.string(),
  indexName: z.string(),
  partition: z.array(z.unknown()).optional(),
  range: rangeShape.optional(),
  filters: filtersShape.optional(),
  sort: z.enum(['ASC', 'DESC']).default('ASC'),
  cursor: z.string().optional(),
  limit: z.number().int().min(1).max(kvsLimits.entityPageLongest).default(kvsLimits.pageDefault),
  options: getOptions.optional(),
});

/** A page of an index; filters apply to what the page holds, so it may come back short or empty. @throws KvsRefusal */
export function queryEntities(
  store: KvsStore,
  entity: EntityDeclaration,
  cursors: Cursors,
  query: z.infer<typeof entityQueryShape>,
): { page: Entry[]; read: Entry[]; cursor: string | undefined } {
  const index = entity.indexes.get(query.indexName);
  if (!index) throw new KvsRefusal(400, 'INDEX_NOT_FOUND', `${entity.name} has no index ${query.indexName}.`);
  checkPartition(entity, index, query.partition ?? []);
  const rangeType = index.range === null ? 'string' : (entity.attributes.get(index.range) ?? 'any');
  const inRange = rangePredicate(query.range, rangeType);
  const passes = filterPredicate(query.filters, entity);

  const direction = query.sort === 'ASC' ? 1 : -1;
  const start = query.cursor === undefined ? null : positionShape.parse(cursors.open(query.cursor));

  const space = entitySpace(entity.name);
  const sorted = indexed(store, entity, index).get(partitionKey(query.partition ?? [])) ?? [];
  const matching: { entry: Entry; range: unknown; key: string }[] = [];
  // One more than the page tells whether there is another one.
  const first = start ? behind(sorted, start, direction) : direction === 1 ? 0 : sorted.length - 1;
  for (let at = first; sorted[at] !== undefined && matching.length <= query.limit; at += direction) {
    const position = sorted[at];
    if (position === undefined || !inRange(position.range)) continue;
    const entry = store.get(space, position.key);
    if (entry) matching.push({ entry, ...position });
  }

  const cut = matching.slice(0, query.limit);
  const last = cut.at(-1);
  return {
    page: cut.map(({ entry }) => entry).filter(({ value }) => passes(value)),
    read: cut.map(({ entry }) => entry),
    cursor: last && matching.length > cut.length ? cursors.seal({ range: last.range, key: last.key }) : undefined,
  };
}

/** The positions of an index by their partitions, as they were made for a revision of the store. */
interface Indexed {
  revision: number;
  byPartition: Map<string, Position[]>;
}
const indexes = new WeakMap<KvsStore, Map<string, Indexed>>();
const partitionKey = (values: readonly unknown[]) => JSON.stringify(values);
const order = (a: Position, b: Position) => compareValues(a.range, b.range) || compareKeys(a.key, b.key);

/** Where a page goes on behind a position that may be gone meanwhile. */
function behind(sorted: readonly Position[], start: Position, direction: 1 | -1): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const position = sorted[middle];
    const isBefore = position !== undefined && order(position, start) < (direction === 1 ? 1 : 0);
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return direction === 1 ? low : low - 1;
}

/** Sorted once for each change, not for each page: a log has a hundred thousand entries. */
function indexed(store: KvsStore, entity: EntityDeclaration, index: EntityIndex): Indexed['byPartition'] {
  const space = entitySpace(entity.name);
  const revision = store.revision(space);
  const ofStore = indexes.get(store) ?? new Map<string, Indexed>();
  indexes.set(store, ofStore);
  const name = `${entity.name} ${index.name}`;
  const found = ofStore.get(name);
  if (found?.revision === revision) return found.byPartition;
  const byPartition: Indexed['byPartition'] = new Map();
  for (const key of store.keys(space)) {
    const entry = store.get(space, key);
    if (!entry) continue;
    const range = index.range === null ? key : attribute(entry.value, index.range);
    // An entity without the indexed attributes is not in the index.
    if (range === undefined) continue;
    const partition = partitionKey(index.partition.map((attributeName) => attribute(entry.value, attributeName)));
    const positions = byPartition.get(partition);
    if (positions === undefined) byPartition.set(partition, [{ range, key }]);
    else positions.push({ range, key });
  }
  for (const positions of byPartition.values()) positions.sort(order);
  ofStore.set(name, { revision, byPartition });
  return byPartition;
}

interface Position {
  range: unknown;
  key: string;
}
const positionShape = z.object({ range: z.unknown(), key: z.string() });

function checkPartition(entity: EntityDeclaration, index: EntityIndex, partition: readonly unknown[]): void {
  if (partition.length !== index.partition.length) {
    throw new KvsRefusal(
      400,
      'INVALID_PARTITION',
      `Index ${index.name} needs ${index.partition.length} partition value(s).`,
    );
  }
  index.partition.forEach((name, at) => {
    const type = entity.attributes.get(name) ?? 'any';
    if (!isOfType(partition[at], type)) {
      throw new KvsRefusal(400, 'INVALID_PARTITION', `The partition value of ${name} must be of type ${type}.`);
    }
  });
}

function bytesOf(value: unknown): number {
  return value === undefined ? 0 : Buffer.byteLength(String(value));
}
