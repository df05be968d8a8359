import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { alertTimeoutSeconds, pollTimeoutSeconds } from '../../src/domain/limits';
import { root, runTool } from './atlassian-tools';

const copies: string[] = [];
after(() => {
  for (const copy of copies) rmSync(copy, { recursive: true });
});

/** A copy of the app with another manifest. */
function appWith(change: (manifest: string) => string): string {
  const copy = mkdtempSync(join(tmpdir(), 'letterbox-app-'));
  copies.push(copy);
  for (const name of ['src', 'static', 'package.json', 'tsconfig.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, 'manifest.yml'), change(readFileSync(join(root, 'manifest.yml'), 'utf8')));
  return copy;
}

test("the manifest is valid for Atlassian's validator", () => {
  assert.deepEqual(runTool('validate'), { success: true, problems: [] });
});

test('the validator finds a function that is not there', () => {
  const broken = appWith((manifest) => manifest.replace('function: poll', 'function: nowhere'));
  assert.equal(runTool('validate', broken).success, false);
});

test("Atlassian's linter has nothing to say", () => {
  const { problems, files } = runTool('lint');
  assert.deepEqual(problems, []);
  assert.ok((files ?? 0) > 30, 'it looked at the sources');
});

test('the linter finds a page that is given more time than pages get', () => {
  const broken = appWith((manifest) =>
    manifest.replace('handler: index.resolve', 'handler: index.resolve\n      timeoutSeconds: 600'),
  );
  assert.notDeepEqual(runTool('lint', broken).problems, []);
});

test('the numbers that stand in the manifest too are the same there', () => {
  const manifest = parse(readFileSync(join(root, 'manifest.yml'), 'utf8')) as {
    modules: { function: { key: string; timeoutSeconds?: number }[] };
  };
  const seconds = (name: string) => manifest.modules.function.find(({ key }) => key === name)?.timeoutSeconds;
  assert.equal(seconds('poll'), pollTimeoutSeconds);
  assert.equal(seconds('watch'), alertTimeoutSeconds);
});
