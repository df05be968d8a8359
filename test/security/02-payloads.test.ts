import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as z from 'zod';
import { payloads } from '../../src/resolvers/contract';
import { type Product, startProduct } from '../support/product';

/** Security list, point 2: payloads are validated; unknown keys are refused, lengths are capped, ids must exist. */

interface Definition {
  type: string;
  shape?: Record<string, z.ZodType>;
  catchall?: z.ZodType;
  element?: z.ZodType;
  innerType?: z.ZodType;
  in?: z.ZodType;
  options?: z.ZodType[];
  /** A format of its own: `date` has ten characters. */
  format?: string;
  checks?: { _zod: { def: { check: string } } }[];
}

/** What is open in a schema: objects that take unknown keys, texts and lists without an end, values of any kind. */
function openPlaces(schema: z.ZodType, path: string): string[] {
  const definition = schema._zod.def as unknown as Definition;
  const inside = (inner: z.ZodType | undefined) =>
    inner === undefined ? [`${path}: unknown`] : openPlaces(inner, path);
  const ends = definition.checks?.some(({ _zod }) => /^(max_length|length_equals)$/.test(_zod.def.check)) ?? false;
  switch (definition.type) {
    case 'object': {
      const isStrict = definition.catchall?._zod.def.type === 'never';
      const fields = Object.entries(definition.shape ?? {}).flatMap(([key, field]) =>
        openPlaces(field, `${path}.${key}`),
      );
      return [...(isStrict ? [] : [`${path}: takes unknown keys`]), ...fields];
    }
    case 'array':
      return [...(ends ? [] : [`${path}: a list without an end`]), ...inside(definition.element)];
    case 'string':
      return ends || definition.format === 'date' ? [] : [`${path}: a text without an end`];
    case 'union':
      return (definition.options ?? []).flatMap((option) => openPlaces(option, path));
    case 'optional':
    case 'nullable':
    case 'default':
      return inside(definition.innerType);
    case 'pipe':
      return inside(definition.in);
    case 'enum':
    case 'literal':
    case 'number':
    case 'int':
    case 'boolean':
      return [];
    default:
      return [`${path}: ${definition.type}`];
  }
}

for (const [name, schema] of Object.entries(payloads)) {
  test(`${name} takes no unknown keys, and nothing without an end`, () => {
    assert.deepEqual(openPlaces(schema, name), []);
    const refused = schema.safeParse({ unknown: true });
    assert.ok(!refused.success);
    assert.ok(JSON.stringify(refused.error.issues).includes('unrecognized_keys') || !('shape' in schema), name);
  });
}

test('what is open would be found', () => {
  const open = z.strictObject({
    loose: z.object({}).optional(),
    text: z.string(),
    many: z.array(z.string().max(5)),
    any: z.unknown(),
    either: z.union([z.strictObject({ text: z.string() }), z.literal('')]).nullable(),
  });
  assert.deepEqual(openPlaces(open, 'x'), [
    'x.loose: takes unknown keys',
    'x.text: a text without an end',
    'x.many: a list without an end',
    'x.any: unknown',
    'x.either.text: a text without an end',
  ]);
});

let product: Product;
before(async () => {
  product = await startProduct();
});
after(() => product.close());

const invoke = (functionKey: string, payload: unknown) =>
  product.forge.invoke({ module: 'letterbox-admin', functionKey, payload, accountId: 'admin' });

const unknownId = 'c0ffee00-0000-4000-8000-000000000000';
/** A payload of each function that names something by id, as far as its own schema knows it. */
const byId = Object.entries(payloads).flatMap(([name, schema]) => {
  const given = {
    id: unknownId,
    connectionId: unknownId,
    credentialId: unknownId,
    authorizationId: unknownId,
    version: 1,
  };
  const shape = 'shape' in schema ? Object.keys(schema.shape) : ['id'];
  if (!shape.some((key) => key.endsWith('d') && key in given)) return [];
  return [{ name, payload: Object.fromEntries(Object.entries(given).filter(([key]) => shape.includes(key))) }];
});

test('an id that does not exist is refused by whatever asks for one', async () => {
  assert.ok(byId.length > 15, `${byId.length}`);
  for (const { name, payload } of byId) {
    // Filters of a list find nothing; there is nothing to refuse.
    if (name === 'activity.list') continue;
    const before = product.forge.storage('');
    const result = await invoke(name, payload);
    assert.ok(!result.ok, `${name} took an id that does not exist`);
    assert.deepEqual(product.forge.storage(''), before, `${name} wrote something`);
  }
});

test('an unknown key is refused wherever it stands, and the rest of the payload is not used', async () => {
  const settings = {
    provider: 'imap',
    name: 'Support',
    host: 'imap.example.com',
    port: 993,
    username: 'support',
    target: { projectId: '10000', issueTypeId: '10001' },
  };
  const refused: [where: string, payload: unknown][] = [
    ['at the top', { settings, password: 'secret', state: 'enabled' }],
    ['in the settings', { settings: { ...settings, id: 'x' }, password: 'secret' }],
    ['deep in the settings', { settings: { ...settings, target: { ...settings.target, by: 1 } }, password: 'secret' }],
    ['as a prototype', JSON.parse(`{"settings":${JSON.stringify(settings)},"password":"secret","__proto__":{"x":1}}`)],
  ];
  for (const [where, payload] of refused) {
    const result = await invoke('connections.create', payload);
    assert.equal(result.ok, false, where);
  }
  assert.deepEqual(await product.call('connections.list', {}), []);
  assert.ok((await invoke('connections.create', { settings, password: 'secret' })).ok);
});

test('a text that is longer than its field is refused, and one that just fits is not', async () => {
  const named = (length: number) => ({
    settings: {
      provider: 'imap',
      name: 'n'.repeat(length),
      host: 'imap.example.com',
      port: 993,
      username: 'support',
      target: { projectId: '10000', issueTypeId: '10001' },
    },
    password: 'secret',
  });
  const refused = await invoke('connections.create', named(101));
  assert.ok(!refused.ok && JSON.stringify(refused.error).includes('settings.name'));
  assert.ok((await invoke('connections.create', named(100))).ok);
});
