import { type Connection, type ConnectionSettings, mailboxIdentity, usesOAuth } from '../domain/connection';
import type { Trouble } from '../domain/cursor';
import type { CheckReport } from '../domain/ports';

/** What an edit of a connection leads to. */

/**
 * What a mailbox is, and what reaching it depends on. Not the timeout: a test gives each step less than a poll may have, and
 * would fail where a longer one was set for good reason.
 */
export function wayOf(settings: ConnectionSettings): string {
  const access = usesOAuth(settings)
    ? [settings.credentialId, settings.username, settings.provider === 'microsoft-imap' ? settings.host : '']
    : [settings.encryption, settings.privateCa];
  return JSON.stringify([mailboxIdentity(settings), ...access]);
}

export const correctedMessage =
  'The mailbox was tested again after the last change of the settings, and works. Enable the connection to go on: until then nothing is polled.';

export function failedTest({ steps }: CheckReport, now: number): Trouble {
  const failed = steps.find(({ ok }) => !ok);
  const message = failed?.message ?? 'The test of the connection failed.';
  const { detail = null, step = null } = failed ?? {};
  return { code: 'test-failed', message, detail, step, since: now, failures: 0, notBefore: 0 };
}

/** An enabled connection whose new mailbox fails the test is disabled, and its editor told; a suspended one that passes is enabled. */
export function stateAfter({ state }: Connection, report: CheckReport | null): Connection['state'] {
  if (state === 'disabled' || report === null) return state;
  if (report.ok) return 'enabled';
  return state === 'suspended' ? 'suspended' : 'disabled';
}
