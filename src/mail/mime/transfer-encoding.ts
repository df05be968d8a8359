const base64Values = new Uint8Array(256).fill(255);
for (const [value, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  base64Values[letter.charCodeAt(0)] = value;
}
const padding = '='.charCodeAt(0);

/**
 * Undoes a Content-Transfer-Encoding byte for byte (RFC 2045 §6). What is not base64 or quoted-printable stays as it is,
 * line ends included: a signature or a checksum over an attachment survives only so. 7bit, 8bit and binary cost no copy.
 */
export function decodeTransfer(body: Uint8Array, encoding: string): Uint8Array {
  if (encoding === 'base64') return decodeBase64(body);
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(body);
  return body;
}

/** Straight from bytes to bytes: a 25 MB mail as a string would be held twice more. Foreign characters are skipped (RFC 2045 §6.8). */
function decodeBase64(body: Uint8Array): Uint8Array {
  const result = new Uint8Array(Math.ceil(body.length / 4) * 3);
  let length = 0;
  let bits = 0;
  let held = 0;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index] ?? 0;
    const value = base64Values[byte] ?? 255;
    if (value === 255) {
      // Some mailers pad in the middle; the bits left over there belong to no byte.
      if (byte === padding) {
        bits = 0;
        held = 0;
      }
      continue;
    }
    held = ((held << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      result[length++] = (held >> bits) & 0xff;
    }
  }
  return result.subarray(0, length);
}

function decodeQuotedPrintable(body: Uint8Array): Uint8Array {
  const result = new Uint8Array(body.length);
  let length = 0;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index] ?? 0;
    if (byte !== 0x3d) {
      result[length++] = byte;
      continue;
    }
    const soft = softBreak(body, index + 1);
    if (soft > 0) {
      index += soft;
      continue;
    }
    const high = hexValue(body[index + 1]);
    const low = hexValue(body[index + 2]);
    if (high < 0 || low < 0) {
      result[length++] = byte;
      continue;
    }
    result[length++] = high * 16 + low;
    index += 2;
  }
  return result.subarray(0, length);
}

/** The length of a soft line break's rest after its "=", blanks included; 0 if there is none. */
function softBreak(body: Uint8Array, at: number): number {
  let end = at;
  while (body[end] === 0x20 || body[end] === 0x09) end += 1;
  if (end >= body.length) return end - at + 1;
  if (body[end] === 0x0a) return end - at + 1;
  if (body[end] === 0x0d && body[end + 1] === 0x0a) return end - at + 2;
  return 0;
}

function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37;
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x57;
  return -1;
}
