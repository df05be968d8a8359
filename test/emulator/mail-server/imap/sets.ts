/** Sequence sets (RFC 3501 §9): "1", "2:4", "7,9:*". */

/** @returns undefined for what is no sequence set */
export function parseSet(text: string): [number, number][] | undefined {
  const ranges: [number, number][] = [];
  for (const part of text.split(',')) {
    const match = /^(\d+|\*)(?::(\d+|\*))?$/.exec(part);
    if (match === null) return undefined;
    const number = (bound: string | undefined) => (bound === '*' ? Number.POSITIVE_INFINITY : Number(bound));
    const from = number(match[1]);
    ranges.push([from, match[2] === undefined ? from : number(match[2])]);
  }
  return ranges;
}

/**
 * A test for numbers of the set. "*" is the largest number in use, and a range runs either way round: `n:*` holds the last
 * message even when n is larger (RFC 3501 §6.4.8), which `n:4294967295` does not.
 */
export function inSet(ranges: readonly [number, number][], largest: number): (number: number) => boolean {
  const bounds = ranges.map(([a, b]) => {
    const [from, to] = [Math.min(a, largest), Math.min(b, largest)];
    // Only "*" is brought down to the largest; a plain number above it stays out of reach.
    const start = a === Number.POSITIVE_INFINITY ? from : a;
    const end = b === Number.POSITIVE_INFINITY ? to : b;
    return [Math.min(start, end), Math.max(start, end)] as const;
  });
  return (number) => bounds.some(([from, to]) => number >= from && number <= to);
}

/** Ascending numbers as a set: 1,2,3,7 → "1:3,7". */
export function formatSet(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}:${to}`)).join(',');
}
