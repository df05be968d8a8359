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

  const rangeOf = (entry: Entry) => (index.range === null ? entry.key : attribute(entry.value, index.range));
  const order = (a: Position, b: Position) => compareValues(a.range, b.range) || compareKeys(a.key, b.key);
  const direction = query.sort === 'ASC' ? 1 : -1;
  const start = query.cursor === undefined ? null : positionShape.parse(cursors.open(query.cursor));

  const space = entitySpace(entity.name);
  const matching: { entry: Entry; range: unknown; key: string }[] = [];
  for (const key of store.keys(space)) {
    const entry = store.get(space, key);
    if (!entry) continue;
    const range = rangeOf(entry);
    // An entity without the indexed attributes is not in the index.
    if (range === undefined || !inRange(range)) continue;
    if (!index.partition.every((name, at) => attribute(entry.value, name) === query.partition?.[at])) continue;
    if (start && order({ range, key }, start) * direction <= 0) continue;
    matching.push({ entry, range, key });
  }
  matching.sort((a, b) => order(a, b) * direction);

  const cut = matching.slice(0, query.limit);
  const last = cut.at(-1);
  return {
    page: cut.map(({ entry }) => entry).filter(({ value }) => passes(value)),
    read: cut.map(({ entry }) => entry),
    cursor: last && matching.length > cut.length ? cursors.seal({ range: last.range, key: last.key }) : undefined,
  };
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
