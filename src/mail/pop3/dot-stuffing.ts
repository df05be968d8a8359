const dot = 0x2e;
const lineStartDot = Buffer.from('\r\n.');

/**
 * Undoes byte-stuffing (RFC 1939 §3): a line that begins with a dot loses that dot. Only CRLF begins a line: a dot after a
 * bare LF is the message's own. Works in place: the result is a view of the block, which is spoilt.
 */
export function unstuff(block: Buffer): Buffer {
  let from = block[0] === dot ? 1 : 0;
  let length = 0;
  for (let at = block.indexOf(lineStartDot, from); at !== -1; at = block.indexOf(lineStartDot, from)) {
    length += move(block, length, from, at + 2);
    from = at + 3;
  }
  length += move(block, length, from, block.length);
  return block.subarray(0, length);
}

function move(block: Buffer, to: number, from: number, end: number): number {
  if (to !== from) block.copyWithin(to, from, end);
  return end - from;
}
