import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import { isObject, JiraRefusal } from './exchange';
import type { AdfNode } from './state';

/** Characters that Jira keeps of one rich text field. */
export const richTextLimit = 32_767;

let schema: ValidateFunction | undefined;

/** Compiled at the first use: it takes a moment, and not every test needs it. */
function documentSchema(): ValidateFunction {
  if (schema === undefined) {
    const file = createRequire(import.meta.url).resolve('@atlaskit/adf-schema/json-schema/v1/full.json');
    const { $schema, ...definition } = JSON.parse(readFileSync(file, 'utf8'));
    schema = new Ajv({ strict: false, allErrors: false }).compile(definition);
  }
  return schema;
}

/** True for a document that Atlassian's own schema accepts. */
export function isDocument(value: unknown): value is AdfNode {
  return isObject(value) && value.type === 'doc' && documentSchema()(value) === true;
}

/** Why a document is none, for tests. */
export function documentErrors(value: unknown): string {
  return isDocument(value) ? '' : JSON.stringify(documentSchema().errors);
}

/**
 * A rich text field as Jira takes it.
 * @param field how the refusal names it
 * @throws JiraRefusal 400
 */
export function richText(field: string, value: unknown): AdfNode | null {
  if (value === null || value === undefined) return null;
  if (!isObject(value)) {
    throw new JiraRefusal(400, [], {
      [field]: 'Operation value must be an Atlassian Document (see the Atlassian Document Format)',
    });
  }
  if (!isDocument(value)) throw new JiraRefusal(400, ['INVALID_INPUT']);
  if (JSON.stringify(value).length > richTextLimit)
    throw new JiraRefusal(400, [], { [field]: 'CONTENT_LIMIT_EXCEEDED' });
  return value;
}

/** The text of a document, blocks separated by line breaks. */
export function plainText(node: AdfNode | null): string {
  if (node === null) return '';
  if (node.type === 'text') return node.text ?? '';
  if (node.type === 'hardBreak') return '\n';
  const inline = node.type === 'paragraph' || node.type === 'heading' || node.type === 'codeBlock';
  return (node.content ?? []).map(plainText).join(inline ? '' : '\n');
}
