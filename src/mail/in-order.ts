export interface InOrderOptions<Item> {
  /** Calls under way at once. */
  parallel: number;
  /** What an item weighs while it is under way or waits for its turn; at least one item is always under way. */
  weight(item: Item): number;
  maxWeight: number;
}

/**
 * Runs `work` for several items at once and yields the results in the order of the items. When the consumer stops early,
 * or one of them fails, the signal given to the others is aborted.
 */
export async function* inOrder<Item, Result>(
  items: readonly Item[],
  options: InOrderOptions<Item>,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): AsyncGenerator<Result> {
  const control = new AbortController();
  const underWay: { result: Promise<Result>; weight: number }[] = [];
  let load = 0;
  let next = 0;
  const fill = () => {
    while (next < items.length && underWay.length < options.parallel) {
      const item = items[next];
      if (item === undefined) return;
      const weight = options.weight(item);
      if (underWay.length > 0 && load + weight > options.maxWeight) return;
      const result = work(item, control.signal);
      // It is awaited in its turn; until then a failure must not end the process as an unhandled rejection.
      result.catch(() => undefined);
      underWay.push({ result, weight });
      load += weight;
      next += 1;
    }
  };
  try {
    for (fill(); underWay.length > 0; fill()) {
      const first = underWay[0];
      if (first === undefined) return;
      const result = await first.result;
      underWay.shift();
      yield result;
      load -= first.weight;
    }
  } finally {
    control.abort();
  }
}
