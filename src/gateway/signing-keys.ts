import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';

/** The published keys that sign invocation tokens. */
export interface SigningKeys {
  /** The key of a token. @throws what jose throws, also when the keys cannot be fetched */
  keyOf: JWTVerifyGetKey;
  /** Whether some are known that are not too old. Begins to fetch them if not. */
  areKnown(): boolean;
}

/** Milliseconds for one fetch. */
const fetchMs = 5_000;
/** Milliseconds after which the keys are fetched again, so that one that was taken back is not trusted for long. */
const refreshMs = 10 * 60_000;
/** ... while they cannot be fetched. */
const retryMs = 60_000;
/** Milliseconds for which known keys are trusted while they cannot be fetched: an outage of their server must not stop the mail. */
const outageMs = 24 * 60 * 60_000;

/** @param onRefresh is told of each further fetch; null is one that succeeded */
export function signingKeys(jwksUrl: string, onRefresh: (failure: unknown) => void = () => {}): SigningKeys {
  const remote = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: fetchMs, cacheMaxAge: outageMs });
  let fetchedAt = 0;
  let isOut = false;

  async function refresh(): Promise<void> {
    fetchedAt = Date.now();
    try {
      await remote.reload();
      isOut = false;
      onRefresh(null);
    } catch (failure) {
      isOut = true;
      onRefresh(failure);
    }
  }

  return {
    async keyOf(header, token) {
      // Keys that are not known, or too old, are fetched by jose, which throws when that fails.
      if (!remote.fresh) fetchedAt = Date.now();
      else if (Date.now() - fetchedAt > (isOut ? retryMs : refreshMs)) {
        const refreshing = refresh();
        // During an outage a fetch may take all of its time, and requests do not wait for that.
        if (!isOut) await refreshing;
      }
      return remote(header, token);
    },
    areKnown() {
      if (!remote.fresh && !remote.reloading) void refresh();
      return remote.fresh;
    },
  };
}
