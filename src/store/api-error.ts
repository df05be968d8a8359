import { isDeepStrictEqual } from 'node:util';
import { ForgeKvsAPIError } from '@forge/kvs';
import { AppError } from '../domain/app-error';
import { inTime } from '../domain/in-time';

/** A write that the store makes only over what its caller has read. */
export interface ConditionalWrite<T> {
  write(): Promise<unknown>;
  /** What is stored now; undefined where nothing is. */
  read(): Promise<T | undefined>;
  /** Whether the condition holds for what is stored. */
  expects(stored: T | undefined): boolean;
  /** What the write stores, where two writers of the very same may both go on: not where exactly one may win. */
  written?: T;
}

/**
 * Whether a conditional write was made; false where somebody else's came first. The code of that refusal is published nowhere
 * (FORGE.md §4), so that what is stored decides. The platform may repeat a write by itself, which then meets its own value.
 * @throws the storage's refusal when the condition still holds: it was about something else
 */
export async function writtenIf<T>({ write, read, expects, written }: ConditionalWrite<T>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (thrown) {
    if (!isRefusal(thrown) || isLimited(thrown)) throw thrown;
    const isConflict = thrown.responseDetails.status === 409;
    if (isConflict && written === undefined) return false;
    const stored = await read();
    // As JSON, which knows no undefined.
    if (written !== undefined && isDeepStrictEqual(stored, JSON.parse(JSON.stringify(written)))) return true;
    if (!isConflict && expects(stored)) throw thrown;
    return false;
  }
}

/** Whether this call added the key; false where it was there before. @param read what it holds now */
export function addedOnce(write: () => Promise<unknown>, read: () => Promise<unknown>): Promise<boolean> {
  return writtenIf({ write, read, expects: (stored) => stored === undefined });
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

/** Whatever its code is, which differs between pages of the documentation. */
function isLimited(thrown: unknown): boolean {
  return thrown instanceof ForgeKvsAPIError && thrown.responseDetails.status === 429;
}

const isRefusal = (thrown: unknown): thrown is ForgeKvsAPIError =>
  thrown instanceof ForgeKvsAPIError && thrown.responseDetails.status >= 400 && thrown.responseDetails.status < 500;

function translated(thrown: unknown): unknown {
  if (isLimited(thrown)) {
    const message = "Forge's storage is asked too often at the moment. Letterbox goes on in a minute.";
    return new AppError('store-busy', 'transient', message, { retryAfterMs: 60_000, cause: thrown });
  }
  if (thrown instanceof AppError || isRefusal(thrown)) return thrown;
  const message = "Forge's storage does not answer. Letterbox tries again by itself.";
  return new AppError('store-unavailable', 'transient', message, { cause: thrown });
}
