import { cutText, singleLine } from '../../domain/text';
import { smtpLimits } from './limits';

/** What a server answered (RFC 5321 §4.2). */
export interface Reply {
  /** 0 when there is no answer. */
  code: number;
  /** RFC 3463, such as "5.7.1"; empty if there is none. */
  enhanced: string;
  /** Plain text of at most 200 characters, codes included. */
  shown: string;
}

/** Reads a reply as the library hands it on: all its lines, each with its code. */
export function readReply(response: unknown): Reply {
  const text = typeof response === 'string' ? response : '';
  const [, code = '0', enhanced = ''] = /^(\d{3})(?:[ -](\d\.\d{1,3}\.\d{1,3})(?![\d.]))?/.exec(text) ?? [];
  return { code: Number(code), enhanced, shown: shownReply(text) };
}

/** A reply for people: one line, the codes said once. */
export function shownReply(response: string): string {
  const [first = '', ...others] = response.split(/\r?\n/);
  const rest = others.map((line) => line.replace(/^\d{3}(?:[ -](?:\d\.\d{1,3}\.\d{1,3})?|$)/, ''));
  return cutText(singleLine([first.replace(/^(\d{3})-/, '$1 '), ...rest].join(' ')), 200);
}

const units: Record<string, number> = { s: 1_000, m: 60_000, h: 60 * 60_000 };

/** Milliseconds that a reply's words ask to wait ("try again in 5 minutes"); undefined if they name no time. */
export function waitInWords(words: string): number | undefined {
  const found = /\b(?:in|after|for|wait)\s+(\d{1,5})\s*(s|m|h)(?:ec|in|our|r|\b)/i.exec(words);
  const ms = Number(found?.[1]) * (units[found?.[2]?.toLowerCase() ?? ''] ?? Number.NaN);
  return Number.isNaN(ms) ? undefined : Math.min(ms, smtpLimits.longestWaitMs);
}
