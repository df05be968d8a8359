import assert from 'node:assert/strict';
import { describe as group, test } from 'node:test';
import { describe } from '../../../src/jira/description';
import { parseMessage } from '../../../src/mail/mime';
import { assertValidDocument } from '../../support/adf-schema';
import { expectation, mailFixtures, rawMail } from '../../support/mail-fixtures';
import { draftOf } from '../drafts';

group('a mail becomes the description that stands beside it', () => {
  for (const name of mailFixtures) {
    test(name, async () => {
      const message = await parseMessage(rawMail(name));
      const { document } = describe(draftOf(message));
      assertValidDocument(document);
      assert.deepEqual(JSON.parse(JSON.stringify(document)), expectation(name, 'adf', document));
    });
  }
});
