import { inTime } from '../domain/in-time';

/** Waits between tries (ms): short enough for a page, and for a scheduled trigger. */
const waitsMs = [500, 2_000, 5_000];
/** Milliseconds that one try may take. */
const tryMs = 5_000;

/** What `work` comes to, which is tried again when it fails: nothing that may be done only once. @throws what its last try throws */
export async function tryAgain<T>(work: () => Promise<T>): Promise<T> {
  const once = () => inTime(tryMs, late, work);
  for (const waitMs of waitsMs) {
    try {
      return await once();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return await once();
}

const late = () => new Error(`No answer came within ${tryMs / 1_000} seconds.`);
