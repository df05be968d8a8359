import assert from 'node:assert/strict';

/** What twice as much of something may cost: linear is 2, quadratic 4. */
const mostRatio = 2.5;
/** Milliseconds below which the processor's clock and the collector of garbage decide. */
const shortest = 4;

/**
 * Fails if `work` costs more than linearly: what it costs of the processor for `size` and for twice that is compared, the least of
 * several tries each, so that neither the machine nor its load matters.
 */
export async function assertLinear(work: (size: number) => unknown, size: number, what: string): Promise<void> {
  const seen: string[] = [];
  for (let attempt = 0; attempt < 5; attempt++) {
    const [once, twice] = [await leastCost(() => work(size)), await leastCost(() => work(2 * size))];
    if (twice <= Math.max(once, shortest) * mostRatio) return;
    seen.push(`${once.toFixed(1)} and ${twice.toFixed(1)} ms`);
  }
  assert.fail(`${what}: ${seen.join(', ')} for ${size} and ${2 * size}`);
}

async function leastCost(work: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 2; attempt++) {
    const started = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(started);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}
