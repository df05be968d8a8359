import type { AskJira } from './request';

/** Tries of one request, and how long (ms) all its waits together may last: more is left to the next poll. */
const tries = 5;
const patienceMs = 30_000;
const firstWaitMs = 2_000;

/**
 * Asks again where Jira refuses a request for its pace only: too many a second of an endpoint, or too many writes to an issue. Such
 * a refusal had no effect and passes within seconds. Waits as long as Jira says, and up to a third longer, so that those who were
 * refused together do not come back together; where it says nothing, twice as long each time. What it refuses last is returned.
 * @param sleep resolves after that many milliseconds
 */
export function patiently(ask: AskJira, sleep: (milliseconds: number) => Promise<void>): AskJira {
  return async (path, request) => {
    let waitedMs = 0;
    for (let tried = 1; ; tried += 1) {
      const answer = await ask(path, request);
      const askedMs = answer.retryAfterMs ?? firstWaitMs * 2 ** (tried - 1);
      const waitMs = askedMs * (1 + Math.random() / 3);
      const isPassing = answer.status === 429 && !answer.isQuotaSpent;
      if (!isPassing || tried === tries || waitedMs + waitMs > patienceMs) return answer;
      await sleep(waitMs);
      waitedMs += waitMs;
    }
  };
}
