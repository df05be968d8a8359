import type { TestContext } from 'node:test';
import { gmailMailbox } from '../../../src/mail/gmail/gmail-mailbox';
import { type Clock, systemClock } from '../../emulator/clock';
import { startGoogle } from '../../emulator/google/google';
import { routedFetch } from '../../support/routed-fetch';
import { modifyScope } from './gmail-account';

export const address = 'desk@gmail.example';

export interface GmailOptions {
  scopes?: string[];
  clock?: Clock;
  unitsPerMinute?: number;
  timeoutMs?: number;
  /** Runs before each request that the adapter makes. */
  onRequest?: (url: string) => void;
  /** Histories name no labels of their messages, as Gmail's reference has it. */
  bareHistory?: boolean;
}

/** An empty Gmail account with an access token, which `revoke` makes worthless until it is renewed. */
export async function setUpGmail(context: TestContext, options: GmailOptions = {}) {
  const {
    scopes = [modifyScope],
    clock = systemClock(),
    unitsPerMinute = Number.POSITIVE_INFINITY,
    timeoutMs = 10_000,
    onRequest = () => undefined,
    bareHistory = false,
  } = options;
  // Tokens are numbered; those before `oldest` are refused.
  let oldest = 1;
  let given = 1;
  const refreshes: number[] = [];
  const google = await startGoogle({
    verify: (bearer) => (Number(bearer.replace('token-', '')) >= oldest ? { mailbox: address, scopes } : null),
    clock,
    unitsPerMinute,
  });
  context.after(() => google.close());
  const routed = routedFetch({ 'gmail.googleapis.com': google.url });
  const open = (folder = '') =>
    gmailMailbox(
      { folder, timeoutMs },
      {
        fetch: async (input, init) => {
          onRequest(String(input));
          const answer = await routed(input, init);
          return bareHistory && String(input).includes('/history?') ? withoutLabels(answer) : answer;
        },
        now: () => clock.now(),
        getAccessToken: async (wish) => {
          if (wish?.forceRefresh) {
            refreshes.push(given);
            given += 1;
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
      oldest = forGood ? Number.POSITIVE_INFINITY : given + 1;
    },
    /** Requests over the wire since the last call of this. */
    requests: () => google.calls.splice(0).filter(({ inBatch }) => !inBatch),
  };
}

async function withoutLabels(answer: Response): Promise<Response> {
  const page = await answer.json();
  for (const { messagesAdded = [], labelsAdded = [], labelsRemoved = [] } of page.history ?? [])
    for (const { message } of [...messagesAdded, ...labelsAdded, ...labelsRemoved]) delete message.labelIds;
  return Response.json(page, { status: answer.status });
}
