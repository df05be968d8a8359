import type { TestContext } from 'node:test';
import { gmailMailbox } from '../../../src/mail/gmail/gmail-mailbox.ts';
import { type Clock, systemClock } from '../../emulator/clock.ts';
import { startGoogle } from '../../emulator/google/google.ts';
import { routedFetch } from '../../support/routed-fetch.ts';
import { modifyScope } from './gmail-account.ts';

export const address = 'desk@gmail.example';

export interface GmailOptions {
  scopes?: string[];
  clock?: Clock;
  unitsPerMinute?: number;
  timeoutMs?: number;
}

/** An empty Gmail account with one access token, which `revoke` makes worthless until it is renewed. */
export async function setUpGmail(context: TestContext, options: GmailOptions = {}) {
  const {
    scopes = [modifyScope],
    clock = systemClock(),
    unitsPerMinute = Number.POSITIVE_INFINITY,
    timeoutMs = 10_000,
  } = options;
  let token = 1;
  let given = 1;
  let isRevoked = false;
  const refreshes: number[] = [];
  const google = await startGoogle({
    verify: (bearer) => (bearer === `token-${token}` ? { mailbox: address, scopes } : null),
    clock,
    unitsPerMinute,
  });
  context.after(() => google.close());
  const open = (folder = '') =>
    gmailMailbox(
      { folder, timeoutMs },
      {
        fetch: routedFetch({ 'gmail.googleapis.com': google.url }),
        now: () => clock.now(),
        getAccessToken: async (wish) => {
          if (wish?.forceRefresh) {
            refreshes.push(given);
            given = isRevoked ? given + 1 : token;
          }
          return `token-${given}`;
        },
      },
    );
  return {
    google,
    clock,
    open,
    mailbox: open(),
    refreshes,
    deliver: (raw: Uint8Array | string, to: { label?: string; receivedAt?: number; read?: boolean } = {}) =>
      google.deliver(raw, { mailbox: address, ...to }),
    /** The current token is refused from now on; a renewed one is good unless `forGood`. */
    revoke: (forGood = false) => {
      isRevoked = forGood;
      token += 1_000;
    },
    /** Requests over the wire since the last call of this. */
    requests: () => google.calls.splice(0).filter(({ inBatch }) => !inBatch),
  };
}
