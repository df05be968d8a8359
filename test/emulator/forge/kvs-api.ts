import * as z from 'zod';
import type { Clock } from '../clock';
import { createCursors } from './cursors';
import { checkEntityValue, declaredEntity, entityQueryShape, entitySpace, queryEntities } from './entities';
import { jsonResponse } from './gate';
import { type Entry, type KvsStore, lowerBound } from './kvs-store';
import { checkKey, checkValue, getOptions, KvsRefusal, parseBody, setOptions, ttlMs } from './kvs-values';
import {
  batch,
  batchDeleteShape,
  batchSetShape,
  deleteChange,
  setChange,
  spaceFor,
  transact,
  type WriteContext,
} from './kvs-writes';
import { kvsLimits } from './limits';
import type { EntityDeclaration } from './manifest';
import { createRateLimit } from './rate-limits';
import type { Meter } from './usage';

/** Answers one request of `@forge/kvs`; `body` is its JSON text. */
export type KvsApi = (path: string, body: string) => Response;

interface Answer {
  kind: 'read' | 'write';
  /** Absent: no content. */
  body?: unknown;
}

const keyShape = z.object({ key: z.string(), entityName: z.string().optional(), options: getOptions.optional() });
const setShape = z.object({
  key: z.string(),
  entityName: z.string().optional(),
  value: z.unknown(),
  options: setOptions.optional(),
});
const queryShape = z.object({
  limit: z.number().int().min(1).max(kvsLimits.pageLongest).default(kvsLimits.pageDefault),
  after: z.string().optional(),
  where: z
    .array(
      z.object({
        property: z.literal('key'),
        condition: z.literal('BEGINS_WITH'),
        values: z.array(z.string()).length(1),
      }),
    )
    .max(1)
    .optional(),
  options: getOptions.optional(),
});

export function createKvsApi(settings: {
  store: KvsStore;
  /** The store as queries see it. */
  queried: () => KvsStore;
  entities: ReadonlyMap<string, EntityDeclaration>;
  clock: Clock;
  meter: Meter;
  /** False leaves out the limits on requests a second and units a minute. */
  rateLimits: boolean;
}): KvsApi {
  const { store, queried, entities, clock, meter } = settings;
  const context: WriteContext = { store, entities };
  const cursors = createCursors();
  const limit = (name: string, windowMs: number, most: number) =>
    createRateLimit(clock, windowMs, most, (used, refused) => meter.limit(name, used, most, refused));
  const requests = limit('storage requests a second', 1_000, kvsLimits.requestsPerSecond);
  const units = {
    read: limit('storage reads a minute', 60_000, kvsLimits.unitsPerMinute),
    write: limit('storage writes a minute', 60_000, kvsLimits.unitsPerMinute),
  };

  const routes = new Map<string, (body: unknown) => Answer>([
    ['/api/v1/get', (body) => get(body, () => 'plain')],
    ['/api/v1/set', (body) => set(body, () => 'plain')],
    ['/api/v1/delete', (body) => remove(body, () => 'plain')],
    ['/api/v1/secret/get', (body) => get(body, () => 'secret')],
    ['/api/v1/secret/set', (body) => set(body, () => 'secret')],
    ['/api/v1/secret/delete', (body) => remove(body, () => 'secret')],
    ['/api/v1/entity/get', (body) => get(body, entitySpaceOf)],
    ['/api/v1/entity/set', (body) => set(body, entitySpaceOf)],
    ['/api/v1/entity/delete', (body) => remove(body, entitySpaceOf)],
    ['/api/v1/query', query],
    ['/api/v1/entity/query', queryEntity],
    [
      '/api/v1/transaction',
      (body) => {
        transact(context, body);
        return { kind: 'write' };
      },
    ],
    ['/api/v1/batch/get', batchGet],
    ['/api/v1/batch/set', batchSet],
    ['/api/v1/batch/delete', batchDelete],
  ]);

  function entitySpaceOf(name: string | undefined): string {
    return entitySpace(declaredEntity(entities, name ?? '').name);
  }

  function get(body: unknown, spaceOf: (entityName: string | undefined) => string): Answer {
    const { key, entityName, options } = parseBody(keyShape, body);
    checkKey(key);
    const entry = store.get(spaceOf(entityName), key);
    if (!entry) throw new KvsRefusal(404, 'KEY_NOT_FOUND', 'Failed to find the provided key.');
    return { kind: 'read', body: { key, value: entry.value, ...metadata(entry, options?.metadataFields) } };
  }

  function set(body: unknown, spaceOf: (entityName: string | undefined) => string): Answer {
    const { key, entityName, value, options } = parseBody(setShape, body);
    const space = spaceOf(entityName);
    checkKey(key);
    if (entityName === undefined) checkValue(value, space === 'secret' ? kvsLimits.secretBytes : kvsLimits.valueBytes);
    else checkEntityValue(declaredEntity(entities, entityName), value);
    const previous = store.get(space, key);
    if (previous && options?.keyPolicy === 'FAIL_IF_EXISTS') {
      throw new KvsRefusal(409, 'KEY_CONFLICT', 'The key exists already.');
    }
    store.apply([{ kind: 'set', space, key, value, ttlMs: ttlMs(options) }]);
    const told =
      options?.returnValue === 'PREVIOUS' ? previous : options?.returnValue === 'LATEST' ? store.get(space, key) : null;
    if (!told) return { kind: 'write' };
    return { kind: 'write', body: { key, value: told.value, ...metadata(told, options?.returnMetadataFields) } };
  }

  function remove(body: unknown, spaceOf: (entityName: string | undefined) => string): Answer {
    const { key, entityName } = parseBody(keyShape, body);
    checkKey(key);
    store.apply([{ kind: 'delete', space: spaceOf(entityName), key }]);
    return { kind: 'write' };
  }

  function query(body: unknown): Answer {
    const { limit, after, where, options } = parseBody(queryShape, body);
    const prefix = where?.[0]?.values[0] ?? '';
    const last = after === undefined ? null : z.string().parse(cursors.open(after));
    const store = queried();
    const keys = store.keys('plain');
    const data: { key: string; value: unknown }[] = [];
    let cursor: string | undefined;
    for (let at = lowerBound(keys, last === null ? prefix : `${last}\0`); at < keys.length; at += 1) {
      const key = keys[at] ?? '';
      if (!key.startsWith(prefix)) break;
      const entry = store.get('plain', key);
      if (!entry) continue;
      if (data.length === limit) {
        cursor = cursors.seal(data.at(-1)?.key);
        break;
      }
      data.push({ key, value: entry.value, ...metadata(entry, options?.metadataFields) });
    }
    return { kind: 'read', body: { data, ...(cursor === undefined ? {} : { cursor }) } };
  }

  function queryEntity(body: unknown): Answer {
    const request = parseBody(entityQueryShape, body);
    const { page, cursor } = queryEntities(queried(), declaredEntity(entities, request.entityName), cursors, request);
    const data = page.map((entry) => ({
      key: entry.key,
      value: entry.value,
      ...metadata(entry, request.options?.metadataFields),
    }));
    return { kind: 'read', body: { data, ...(cursor === undefined ? {} : { cursor }) } };
  }

  function batchGet(body: unknown): Answer {
    const items = parseBody(z.array(keyShape.strict()), body);
    const result = batch(items, ({ key, entityName, options }) => {
      checkKey(key);
      const entry = store.get(entityName === undefined ? spaceFor(undefined) : entitySpaceOf(entityName), key);
      if (!entry) throw new KvsRefusal(404, 'KEY_NOT_FOUND', 'Failed to find the provided key.');
      const name = entityName === undefined ? {} : { entityName };
      return { key, ...name, value: entry.value, ...metadata(entry, options?.metadataFields) };
    });
    return { kind: 'read', body: result };
  }

  function batchSet(body: unknown): Answer {
    const items = parseBody(batchSetShape, body);
    if (Buffer.byteLength(JSON.stringify(body)) > kvsLimits.transactionBytes) {
      throw new KvsRefusal(400, 'MAX_SIZE', 'A batch must be at most 4 MB.');
    }
    const result = batch(items, (item) => {
      store.apply([setChange(context, item)]);
      return { key: item.key, ...(item.entityName === undefined ? {} : { entityName: item.entityName }) };
    });
    return { kind: 'write', body: result };
  }

  function batchDelete(body: unknown): Answer {
    const result = batch(parseBody(batchDeleteShape, body), (item) => {
      store.apply([deleteChange(context, item)]);
      return { key: item.key, ...(item.entityName === undefined ? {} : { entityName: item.entityName }) };
    });
    return { kind: 'write', body: result };
  }

  return (path, text) => {
    const route = routes.get(path);
    if (!route) return refuse(new KvsRefusal(404, 'NOT_FOUND', `The storage API has no ${path}.`));
    const kind = kindOf(path);
    if (settings.rateLimits && !requests.take(1)) return refuse(tooMany('1,000 requests a second'));
    try {
      if (settings.rateLimits && kind === 'write' && !units.write.take(unitsOf(text.length))) {
        throw tooMany('4,000 writes of 10 KB a minute');
      }
      const answer = route(JSON.parse(text));
      const written = answer.body === undefined ? '' : JSON.stringify(answer.body);
      if (kind === 'read') {
        meter.kvsRead(Buffer.byteLength(written));
        if (settings.rateLimits && !units.read.take(unitsOf(written.length)))
          throw tooMany('4,000 reads of 10 KB a minute');
      } else meter.kvsWrite(Buffer.byteLength(text));
      return answer.body === undefined ? new Response(null, { status: 204 }) : jsonResponse(200, answer.body);
    } catch (error) {
      if (!(error instanceof KvsRefusal)) throw error;
      // A key that is not there was looked for all the same.
      if (kind === 'read' && error.code === 'KEY_NOT_FOUND') {
        meter.kvsRead(0);
        if (settings.rateLimits && !units.read.take(1)) return refuse(tooMany('4,000 reads of 10 KB a minute'));
      }
      return refuse(error);
    }
  };
}

const kindOf = (path: string): Answer['kind'] => (/\/(get|query)$/.test(path) ? 'read' : 'write');
const unitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / kvsLimits.unitBytes));
const tooMany = (limit: string) => new KvsRefusal(429, 'TOO_MANY_REQUESTS', `An installation may make ${limit}.`);
const refuse = ({ status, code, message }: KvsRefusal): Response => jsonResponse(status, { code, message });

function metadata(entry: Entry, fields: readonly string[] | undefined): Record<string, unknown> {
  const told: Record<string, unknown> = {};
  if (fields?.includes('CREATED_AT')) told.createdAt = entry.createdAt;
  if (fields?.includes('UPDATED_AT')) told.updatedAt = entry.updatedAt;
  if (fields?.includes('EXPIRE_TIME') && entry.expiresAt !== null)
    told.expireTime = new Date(entry.expiresAt).toISOString();
  return told;
}
