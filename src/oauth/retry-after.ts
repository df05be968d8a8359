import { longestRetryAfterMs } from './limits.ts';

/** Milliseconds that a Retry-After header asks for, in either of its forms (RFC 9110 §10.2.3); undefined if it asks for nothing. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestRetryAfterMs);
}
