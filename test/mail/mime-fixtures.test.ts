import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Message } from '../../src/domain/message';
import { parseMessage } from '../../src/mail/mime';
import { expectation, mailFixtures, rawMail } from '../support/mail-fixtures';

/** A message as JSON: contents as size and hash, and of the headers only how many there are. */
function summary(message: Message) {
  const attachments = message.attachments.map(({ content, ...rest }) => ({
    ...rest,
    size: content.byteLength,
    sha256: createHash('sha256').update(content).digest('hex'),
  }));
  return { ...message, attachments, headers: message.headers.length };
}

describe('a mail becomes the message that stands beside it', () => {
  for (const name of mailFixtures) {
    test(name, async () => {
      const actual = summary(await parseMessage(rawMail(name)));
      assert.deepEqual(JSON.parse(JSON.stringify(actual)), expectation(name, 'message', actual));
    });
  }
});
