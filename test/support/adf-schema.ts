import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';

const file = createRequire(import.meta.url).resolve('@atlaskit/adf-schema/json-schema/v1/full.json');
const { $schema: _, ...schema } = JSON.parse(readFileSync(file, 'utf8'));
const validate = new Ajv({ strict: false }).compile(schema);

/** What Atlassian's own schema says against a document; null if nothing. */
export function schemaError(document: unknown): string | null {
  return validate(document) === true ? null : JSON.stringify(validate.errors?.slice(0, 3));
}

export function assertValidDocument(document: unknown): void {
  assert.equal(schemaError(document), null, JSON.stringify(document).slice(0, 2_000));
}
