import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { neededHosts, neededScopes } from '../../src/domain/consent';

const manifest = parse(readFileSync(new URL('../../manifest.yml', import.meta.url), 'utf8'));

test('what the diagnosis page takes for needed is what the manifest asks for', () => {
  assert.deepEqual(Object.keys(neededScopes).sort(), [...manifest.permissions.scopes].sort());
  const listed = manifest.permissions.external.fetch.backend.map(({ address }: { address: string }) => address);
  assert.deepEqual(Object.keys(neededHosts).sort(), listed.sort());
});
