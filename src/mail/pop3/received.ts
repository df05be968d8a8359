/**
 * When the receiving server took a message, by the first `Received` field of its header (RFC 5321 §4.4), the only one that a
 * sender can't write. Epoch milliseconds; null if there is none.
 */
export function receivedAt(header: string): number | null {
  const field = /^Received:((?:[^\r\n]|\r\n[ \t])*)/im.exec(header)?.[1];
  if (field === undefined) return null;
  const date = field.slice(field.lastIndexOf(';') + 1).replace(/\s+/g, ' ');
  const time = Date.parse(date.trim());
  return Number.isNaN(time) ? null : time;
}
