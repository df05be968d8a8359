import type { ActivityEntry } from '../../src/domain/activity';

/** An entry of the activity log, as a mail that became an issue leaves it. */
export const activityEntry = (change: Partial<ActivityEntry> = {}): ActivityEntry => ({
  id: 'c1:1',
  connectionId: 'c1',
  at: Date.UTC(2026, 10, 20, 9),
  result: 'created',
  from: 'Ada <ada@example.org>',
  subject: 'Subject',
  messageId: 'one@example.org',
  issueKey: null,
  code: null,
  reason: null,
  mailbox: 'mailbox',
  handle: '7.1',
  size: 1_000,
  tookMs: 12,
  ...change,
});
