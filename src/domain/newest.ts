const encoder = new TextEncoder();

/** The last `most` items, or as many of them as have `mostBytes` in JSON. */
export function newestWithin<T>(items: readonly T[], most: number, mostBytes: number): T[] {
  let first = items.length;
  let bytes = 0;
  while (first > 0 && items.length - first < most) {
    bytes += encoder.encode(JSON.stringify(items[first - 1])).length + 1;
    if (bytes > mostBytes) break;
    first -= 1;
  }
  return items.slice(first);
}
