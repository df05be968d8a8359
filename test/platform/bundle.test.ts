import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import { transform } from 'esbuild';
import { systemClock } from '../emulator/clock';
import { createForge } from '../emulator/forge/create-forge';
import type { Forge } from '../emulator/forge/forge';
import { createJira } from '../emulator/jira/jira';
import { runTool } from './atlassian-tools';

/**
 * The app as Forge gets it: through Atlassian's bundler, on the emulator. What is imported while the app runs is in files of its
 * own beside the first one: the Forge CLI packs the bundler's whole folder.
 */
let start: string;
let later: string[];
let formatted: number;
let forge: Forge;

/**
 * Bytes of minified code. Forge's own limit is far away. What counts is that every cold start reads and runs all of `start`:
 * each 100 KB of it take some 10 ms of a whole processor (`npm run bench -- bundle`), which costs as much as two idle polls, and
 * three times that where 512 MB come with a third of one. Code that only some invocations need belongs into `import()`.
 * Both limits leave room for features to come; whoever raises them should know what for.
 */
const mostBytes = { start: 500_000, all: 1_500_000 };

before(async () => {
  const answer = runTool('bundle');
  assert.deepEqual(answer.problems, []);
  const file = answer.file ?? '';
  start = readFileSync(file, 'utf8');
  later = readdirSync(dirname(file))
    .map((name) => join(dirname(file), name))
    .filter((path) => path.endsWith('.cjs') && path !== file)
    .map((path) => readFileSync(path, 'utf8'));
  const format = mock.method(Number.prototype, 'toLocaleString');
  const functions = createRequire(import.meta.url)(file) as Record<string, unknown>;
  formatted = format.mock.callCount();
  format.mock.restore();
  const clock = systemClock();
  const options = { products: { jira: createJira({ clock, directory: null }) }, remotes: {}, directory: null, clock };
  const manifest = new URL('../../manifest.yml', import.meta.url).pathname;
  forge = await createForge({ ...options, manifest, functions });
});
after(() => forge.close());

/** Modules that a text asks Node for. */
const required = (text: string): string[] =>
  [...text.matchAll(/\brequire\("(?:node:)?([\w/]+)"\)/g)].map(([, name]) => name ?? '');
const opensSockets = (name: string) => ['net', 'tls', 'dgram', 'http2', 'cluster'].includes(name);

test('no module that opens sockets is in the bundle', () => {
  for (const code of [start, ...later]) {
    assert.deepEqual(required(code).filter(opensSockets), []);
    assert.doesNotMatch(code, /imapflow|src\/gateway|mail\/(imap|pop3|smtp)\//);
  }
});

test('a module that opens sockets would be found', () => {
  assert.deepEqual(required('const a = require("node:tls"); const b = require("crypto");').filter(opensSockets), [
    'tls',
  ]);
});

async function minifiedBytes(code: string): Promise<number> {
  const { code: minified } = await transform(code, { minify: true, target: 'node22' });
  return minified.length;
}

test('what a cold start loads, and all that the app can load, stay within their limits', async () => {
  const bytes = await minifiedBytes(start);
  assert.ok(bytes <= mostBytes.start, `${bytes} bytes at the start`);
  const all = bytes + (await Promise.all(later.map(minifiedBytes))).reduce((sum, one) => sum + one, 0);
  assert.ok(all <= mostBytes.all, `${all} bytes altogether`);
});

test('loading the app formats no number, which would load the language data at every cold start', () => {
  assert.equal(formatted, 0);
});

test('the bundle works on the emulator: resolver and planner', async () => {
  const listed = await forge.invoke({
    module: 'letterbox-admin',
    functionKey: 'connections.list',
    payload: {},
    accountId: 'admin',
  });
  assert.deepEqual(listed, { ok: true, value: [] });
  assert.deepEqual(await forge.trigger('plan-polls'), { invocations: 1 });
});

test('the sign-in libraries are found when a sign-in begins', async () => {
  const call = async (functionKey: string, payload: unknown): Promise<Record<string, unknown>> => {
    const result = await forge.invoke({ module: 'letterbox-admin', functionKey, payload, accountId: 'admin' });
    assert.ok(result.ok, JSON.stringify(result));
    return result.value as Record<string, unknown>;
  };
  const google = { provider: 'google', name: 'Google', clientId: 'app.apps.googleusercontent.com' };
  const id = '11111111-1111-4111-8111-111111111111';
  const microsoft = { provider: 'microsoft', name: 'Microsoft', clientId: id, tenant: 'contoso.example' };
  for (const [settings, use, host] of [
    [google, 'gmail', 'accounts.google.com'],
    [microsoft, 'graph', 'login.microsoftonline.com'],
  ] as const) {
    const { id: credentialId } = await call('credentials.create', { settings, clientSecret: 'not-used-here' });
    const begin = { credentialId, connectionId: null, use, shared: false, loginHint: '' };
    const { url } = await call('authorizations.begin', begin);
    assert.equal(new URL(String(url)).host, host);
  }
});
