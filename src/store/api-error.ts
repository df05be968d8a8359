import { ForgeKvsAPIError } from '@forge/kvs';
import { AppError } from '../domain/app-error';
import { inTime } from '../domain/in-time';

/** Whether Forge's storage refused a request with this code. */
export function isStoreError(thrown: unknown, code: 'KEY_CONFLICT' | 'CONDITIONAL_CHECK_FAILED'): boolean {
  return thrown instanceof ForgeKvsAPIError && thrown.code === code;
}

/** Waits before another try when the storage says that it is asked too often: about fifteen seconds, which a page can bear. */
const waitsMs = [500, 1_000, 2_000, 4_000, 8_000];
/** Milliseconds that one call of a store may take, which asks Forge's storage a few times at most. */
const callMs = 30_000;

/**
 * The same store, whose calls are tried again while Forge limits their rate (4,000 reads and writes a minute), and fail as
 * `AppError` otherwise. A call that was limited had no effect, so that trying again is safe for every one of them; no other
 * failure is tried again here, since it may have had one. A call that hangs fails too, and what it writes later counts as written.
 */
export function withStoreErrors<T extends object>(store: T): T {
  const wrapped = Object.entries(store).map(([name, method]) => [
    name,
    typeof method === 'function'
      ? (...args: unknown[]) => attempt(() => inTime(callMs, late, async () => method.apply(store, args)))
      : method,
  ]);
  return Object.fromEntries(wrapped) as T;
}

async function attempt<T>(call: () => Promise<T>): Promise<T> {
  for (const waitMs of waitsMs) {
    try {
      return await call();
    } catch (thrown) {
      if (!isLimited(thrown)) throw translated(thrown);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return await call().catch((thrown) => {
    throw translated(thrown);
  });
}

const late = () => new Error(`No answer came within ${callMs / 1_000} seconds.`);

function isLimited(thrown: unknown): boolean {
  return thrown instanceof ForgeKvsAPIError && thrown.responseDetails.status === 429;
}

function translated(thrown: unknown): unknown {
  if (isLimited(thrown)) {
    const message = "Forge's storage is asked too often at the moment. Letterbox goes on in a minute.";
    return new AppError('store-busy', 'transient', message, { retryAfterMs: 60_000, cause: thrown });
  }
  const isRefusal = thrown instanceof ForgeKvsAPIError && thrown.responseDetails.status < 500;
  if (thrown instanceof AppError || isRefusal) return thrown;
  const message = "Forge's storage does not answer. Letterbox tries again by itself.";
  return new AppError('store-unavailable', 'transient', message, { cause: thrown });
}
