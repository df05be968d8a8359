/** A day: no provider means more, and a broken header must not silence a mailbox for a year. */
const longestMs = 24 * 60 * 60_000;

/**
 * How long the other side asks us to wait, in milliseconds; undefined when it does not say (RFC 9110 §10.2.3: seconds, or
 * a date). A date is read against the answer's own Date header, since our clock may be wrong.
 */
export function retryAfterMs(headers: { get(name: string): string | null }, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1_000, longestMs);
  const until = Date.parse(value);
  if (Number.isNaN(until)) return undefined;
  const sent = Date.parse(headers.get('date') ?? '');
  return Math.min(Math.max(until - (Number.isNaN(sent) ? now : sent), 0), longestMs);
}
