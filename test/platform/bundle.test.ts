import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { transform } from 'esbuild';
import { systemClock } from '../emulator/clock';
import { createForge } from '../emulator/forge/create-forge';
import type { Forge } from '../emulator/forge/forge';
import { createJira } from '../emulator/jira/jira';
import { runTool } from './atlassian-tools';

/** The app as Forge gets it: through Atlassian's bundler, on the emulator. */
let code: string;
let file: string;
let forge: Forge;

before(async () => {
  const answer = runTool('bundle');
  assert.deepEqual(answer.problems, []);
  file = answer.file ?? '';
  code = readFileSync(file, 'utf8');
  const clock = systemClock();
  const options = { products: { jira: createJira({ clock, directory: null }) }, remotes: {}, directory: null, clock };
  const manifest = new URL('../../manifest.yml', import.meta.url).pathname;
  forge = await createForge({
    ...options,
    manifest,
    functions: createRequire(import.meta.url)(file) as Record<string, unknown>,
  });
});
after(() => forge.close());

/** Modules that a text asks Node for. */
const required = (text: string): string[] =>
  [...text.matchAll(/\brequire\("(?:node:)?([\w/]+)"\)/g)].map(([, name]) => name ?? '');
const opensSockets = (name: string) => ['net', 'tls', 'dgram', 'http2', 'cluster'].includes(name);

test('no module that opens sockets is in the bundle', () => {
  assert.deepEqual(required(code).filter(opensSockets), []);
  assert.doesNotMatch(code, /imapflow|src\/gateway|mail\/(imap|pop3|smtp)\//);
});

test('a module that opens sockets would be found', () => {
  assert.deepEqual(required('const a = require("node:tls"); const b = require("crypto");').filter(opensSockets), [
    'tls',
  ]);
});

test('the bundle is at most 1 MB minified', async () => {
  const { code: minified } = await transform(code, { minify: true, target: 'node22' });
  assert.ok(minified.length <= 1_000_000, `${minified.length} bytes`);
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
