import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { payloads } from '../../src/resolvers/contract';
import { systemClock } from '../emulator/clock';
import { createForge } from '../emulator/forge/create-forge';
import type { Forge, ProductResponse } from '../emulator/forge/forge';
import { createJira } from '../emulator/jira/jira';

/** The app as it ships: who may call what (security list, point 1). */
let forge: Forge;
let permissionAnswer: ProductResponse | Error | null = null;
const requests: string[] = [];

before(async () => {
  const clock = systemClock();
  const jira = createJira({ clock, directory: null });
  const functions = await import('../../src/index');
  forge = await createForge({
    manifest: new URL('../../manifest.yml', import.meta.url).pathname,
    functions,
    products: {
      jira: {
        ...jira,
        handle: async (request) => {
          requests.push(`${request.as.type} ${request.method} ${request.path.split('?')[0]}`);
          if (permissionAnswer !== null && request.path.includes('permissions')) {
            if (permissionAnswer instanceof Error) throw permissionAnswer;
            return permissionAnswer;
          }
          return jira.handle(request);
        },
      },
    },
    remotes: { gateway: 'http://127.0.0.1:9' },
    directory: null,
    clock,
  });
});
after(() => forge.close());

const names = Object.keys(payloads);
const invoke = (functionKey: string, accountId: string | null, payload: unknown = {}) =>
  forge.invoke({ module: 'letterbox-admin', functionKey, payload, accountId });

async function codeOf(functionKey: string, accountId: string | null, payload?: unknown): Promise<string> {
  const result = await invoke(functionKey, accountId, payload);
  if (result.ok) return 'ok';
  return (result.error as { code?: string }).code ?? 'refused by the platform';
}

const json = (status: number, body: unknown): ProductResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const havePermission = (value: unknown) =>
  json(200, { permissions: { ADMINISTER: { id: '0', key: 'ADMINISTER', havePermission: value } } });

for (const name of names) {
  test(`${name} refuses whoever is no administrator, before it looks at anything`, async () => {
    for (const accountId of ['agent', 'customer']) {
      requests.length = 0;
      const before = forge.usage().kvs;
      assert.equal(await codeOf(name, accountId), 'forbidden', accountId);
      assert.deepEqual(requests, ['user GET /rest/api/3/mypermissions']);
      assert.deepEqual(forge.usage().kvs, before, 'the store was not touched');
    }
  });

  test(`${name} refuses nobody`, async () => {
    assert.notEqual(await codeOf(name, null), 'ok');
  });

  test(`${name} lets an administrator through to its own checks`, async () => {
    assert.notEqual(await codeOf(name, 'admin'), 'forbidden');
  });

  test(`${name} refuses an administrator's payload that claims to be somebody`, async () => {
    assert.equal(await codeOf(name, 'customer', { accountId: 'admin', context: { accountId: 'admin' } }), 'forbidden');
  });
}

const unclear: [string, ProductResponse | Error][] = [
  ['Jira is down', json(503, {})],
  ['Jira says no', havePermission(false)],
  ['Jira says something else', havePermission('true')],
  ['Jira says nothing of it', json(200, { permissions: {} })],
  ['the answer is cut', { status: 200, headers: {}, body: '{"permissions":{"ADMINISTER":{"havePer' }],
  ['the answer is a page', { status: 200, headers: {}, body: '<html>true</html>' }],
  ['the request fails', new Error('connection reset')],
];
for (const [how, answer] of unclear) {
  test(`refuses an administrator when ${how}`, async () => {
    // A yes is remembered for a minute.
    await forge.advance(60);
    permissionAnswer = answer;
    try {
      for (const name of names) assert.equal(await codeOf(name, 'admin'), 'forbidden', name);
    } finally {
      permissionAnswer = null;
    }
  });
}

test('asks again a minute later, and lets nobody else through by what is remembered', async () => {
  assert.equal(await codeOf('connections.list', 'admin'), 'ok');
  permissionAnswer = havePermission(false);
  try {
    assert.equal(await codeOf('connections.list', 'admin'), 'ok');
    assert.equal(await codeOf('connections.list', 'agent'), 'forbidden');
    await forge.advance(60);
    assert.equal(await codeOf('connections.list', 'admin'), 'forbidden');
  } finally {
    permissionAnswer = null;
  }
});

test('lets the platform ask for consent, instead of answering in its place', async () => {
  permissionAnswer = { status: 401, headers: { 'forge-proxy-error': 'NEEDS_AUTHENTICATION_ERR' }, body: '{}' };
  try {
    const result = await invoke('connections.list', 'admin').catch((error: Error) => error);
    assert.match(JSON.stringify(result instanceof Error ? result.message : result), /Authentication Required/);
  } finally {
    permissionAnswer = null;
  }
});

test('lets an administrator through on a clear yes', async () => {
  permissionAnswer = havePermission(true);
  try {
    assert.equal(await codeOf('connections.list', 'admin'), 'ok');
  } finally {
    permissionAnswer = null;
  }
});

test('has no function beside those of the contract', async () => {
  for (const name of ['constructor', 'toString', '__proto__', 'connections.secrets', '']) {
    assert.notEqual(await codeOf(name, 'customer'), 'ok', name);
  }
});

test('every module of the manifest that a page can call has the guarded resolver, and no function is anywhere else', async () => {
  const manifest = parse(await readFile(new URL('../../manifest.yml', import.meta.url), 'utf8')) as Manifest;
  const functions = manifest.modules.function.map(({ key }) => key);
  const uses = Object.entries(manifest.modules)
    .filter(([kind]) => kind !== 'function')
    .flatMap(([kind, modules]) => modules.flatMap((module) => functionsOf(module).map((name) => ({ kind, name }))));
  const isPage = ({ kind }: { kind: string }) => /Page$|Action$|Panel$|Settings$/.test(kind);
  assert.deepEqual([...new Set(uses.filter(isPage).map(({ name }) => name))], ['resolve']);
  // What the platform calls by itself, and the one address that the public may call.
  assert.deepEqual([...new Set(uses.filter((use) => !isPage(use)).map(({ kind }) => kind))].sort(), [
    'consumer',
    'preUninstall',
    'scheduledTrigger',
    'webtrigger',
  ]);
  assert.deepEqual([...new Set(uses.map(({ name }) => name))].sort(), [...functions].sort());
  for (const name of functions) assert.notEqual(await codeOf(name, 'customer'), 'ok', name);
});

interface Manifest {
  modules: { function: { key: string }[] } & Record<string, Record<string, unknown>[]>;
}

/** The functions that a module names, at any depth. */
function functionsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'function' && typeof inner === 'string' ? [inner] : functionsOf(inner),
  );
}

test('while the quota of the app is spent nobody gets in, and each is told why', async () => {
  const headers = { 'ratelimit-reason': 'jira-quota-global-based', 'retry-after': '600' };
  permissionAnswer = { status: 429, headers, body: '{}' };
  try {
    // Nobody whom the process remembers from a test before.
    for (const accountId of ['agent', 'customer']) {
      const result = await invoke('connections.list', accountId);
      assert.ok(!result.ok);
      const { code, message } = result.error as { code: string; message: string };
      assert.equal(code, 'jira-quota');
      assert.match(message, /hourly quota for apps is used up/);
    }
  } finally {
    permissionAnswer = null;
  }
});
