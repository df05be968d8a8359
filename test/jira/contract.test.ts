import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { createCloudClient } from 'jira.js';
import { plainDocument } from '../../src/jira/description';
import { createBody, searchBody } from '../../src/jira/issues';
import { emptyDraft } from './drafts';

/**
 * Our request bodies against the types of a client that others made from Atlassian's published interface. The compiler does
 * the checking: a field that is misspelt or of another type is an error in this file.
 */
type Client = ReturnType<typeof createCloudClient>;
type FirstParameter<F> = F extends (first: infer P, ...rest: never[]) => unknown ? P : never;

test('request bodies are what the published interface says', async () => {
  const create = (await createBody(emptyDraft)) satisfies FirstParameter<Client['issues']['createIssue']>;
  const search = searchBody(emptyDraft.origin) satisfies FirstParameter<
    Client['issueSearch']['searchAndReconsileIssuesUsingJqlPost']
  >;
  const comment = { issueIdOrKey: 'SUP-1', body: plainDocument('x') } satisfies FirstParameter<
    Client['issueComments']['addComment']
  >;
  assert.deepEqual(Object.keys(create), ['fields', 'properties']);
  assert.deepEqual(Object.keys(search), ['jql', 'fields', 'maxResults']);
  assert.equal(comment.body.type, 'doc');
});

test('and a wrong one would not compile', () => {
  // @ts-expect-error `maxResults` is a number
  const search = { jql: '', maxResults: '1' } satisfies FirstParameter<
    Client['issueSearch']['searchAndReconsileIssuesUsingJqlPost']
  >;
  assert.equal(search.maxResults, '1');
});
