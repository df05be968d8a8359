const dot = 0x2e;
const lineStartDot = Buffer.from('\r\n.');

/**
 * Undoes byte-stuffing (RFC 1939 §3): a line that begins with a dot loses that dot. Only CRLF begins a line: a dot after a
 * bare LF is the message's own. The result is a copy.
 */
export function unstuff(block: Buffer): Buffer {
  const result = Buffer.allocUnsafeSlow(block.length);
  let from = block[0] === dot ? 1 : 0;
  let length = 0;
  for (let at = block.indexOf(lineStartDot, from); at !== -1; at = block.indexOf(lineStartDot, from)) {
    length += block.copy(result, length, from, at + 2);
    from = at + 3;
  }
  length += block.copy(result, length, from);
  return result.subarray(0, length);
}
