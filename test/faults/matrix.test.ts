import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { matrix } from './matrix';

test('each group of the fault matrix has its tests', () => {
  for (const group of Object.keys(matrix)) {
    const text = readFileSync(new URL(`${group}.test.ts`, import.meta.url), 'utf8');
    assert.ok(text.includes(`faultTests('${group}', {`), group);
  }
});
