import { messageLimits } from '../../domain/limits';

const bracketed = /<([^<>\s\p{Cc}]{1,996})>/gu;

/**
 * The message ids of a header without their angle brackets (RFC 5322 §3.6.4), each once. The first and the newest are kept
 * when there are too many: the first names the thread, the newest the mail that was answered.
 */
export function readMessageIds(values: readonly string[]): string[] {
  const joined = values.join(' ');
  let ids = [...joined.matchAll(bracketed)].flatMap((match) => match[1] ?? []);
  // Some senders forget the brackets.
  if (ids.length === 0)
    ids = joined.split(/[\s,<>]+/).filter((id) => /^[^\s\p{Cc}@]{1,500}@[^\s\p{Cc}@]{1,495}$/u.test(id));
  const unique = [...new Set(ids)];
  if (unique.length <= messageLimits.references) return unique;
  return [...unique.slice(0, 1), ...unique.slice(1 - messageLimits.references)];
}
