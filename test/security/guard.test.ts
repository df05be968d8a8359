import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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
    permissionAnswer = answer;
    try {
      for (const name of names) assert.equal(await codeOf(name, 'admin'), 'forbidden', name);
    } finally {
      permissionAnswer = null;
    }
  });
}

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
