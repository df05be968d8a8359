import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { createCloudClient } from 'jira.js';
import { plainDocument } from '../../src/jira/description';
import { searchBody, timeSearchBody } from '../../src/jira/find-issue';
import { createBody } from '../../src/jira/issues';
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
  const byTime = timeSearchBody('10000', { from: 0, to: 60_000 }, 120_000) satisfies FirstParameter<
    Client['issueSearch']['searchAndReconsileIssuesUsingJqlPost']
  >;
  const comment = { issueIdOrKey: 'SUP-1', body: plainDocument('x') } satisfies FirstParameter<
    Client['issueComments']['addComment']
  >;
  assert.deepEqual(Object.keys(create), ['fields', 'properties']);
  assert.deepEqual(Object.keys(search), ['jql', 'fields', 'maxResults']);
  assert.equal(
    byTime.jql,
    'project = "10000" AND created >= "-2m" AND created <= "-1m" ORDER BY created ASC',
    'minutes before now: the time zone of whoever asks does not matter',
  );
  assert.equal(comment.body.type, 'doc');
});

test('and a wrong one would not compile', () => {
  // @ts-expect-error `maxResults` is a number
  const search = { jql: '', maxResults: '1' } satisfies FirstParameter<
    Client['issueSearch']['searchAndReconsileIssuesUsingJqlPost']
  >;
  assert.equal(search.maxResults, '1');
});
