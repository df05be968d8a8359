import { isUtf8 } from 'node:buffer';
import { singleLine } from '../../domain/text';

/** Bytes 0x80 to 0x9F of Windows' Latin letters (WHATWG Encoding, windows-1252). */
const windowsLetters = [...'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'];

/**
 * Puts right what Node's decoder for windows-1252 gets wrong in some versions: it reads it as ISO-8859-1, and "€" becomes an
 * invisible control character. Such characters mean nothing in any text, so all of them are read as Windows means them.
 */
function repairWindowsLetters(text: string): string {
  return text.replace(/[\u0080-\u009f]/g, (letter) => windowsLetters[letter.charCodeAt(0) - 0x80] ?? letter);
}

/** Upper halves of the DOS code pages, in the order of their bytes 0x80 to 0xFF (IBM's registered tables). */
const upperHalves = new Map(
  Object.entries({
    cp437:
      'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
    cp850:
      'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0',
  }),
);

/** Names that the platform's decoder refuses although it knows the character set. */
const aliases = new Map(
  Object.entries({
    cp932: 'shift_jis',
    cp936: 'gbk',
    cp949: 'euc-kr',
    cp950: 'big5',
    cp874: 'windows-874',
  }),
);

/**
 * Text in the character set that the mail names; `known` is false where nobody here can read that one, and the text is a guess.
 * What names none, or only US-ASCII, is UTF-8 if it can be, and else Windows' Latin letters, as old programs send them.
 */
export function decodeCharset(bytes: Uint8Array, charset: string | null): { text: string; known: boolean } {
  if (charset === null || /^(us-)?ascii$/i.test(charset)) {
    return { text: isUtf8(bytes) ? new TextDecoder().decode(bytes) : windows1252(bytes), known: true };
  }
  const decoder = decoderFor(charset);
  if (decoder?.encoding === 'windows-1252') return { text: windows1252(bytes), known: true };
  if (decoder !== null) return { text: decoder.decode(bytes), known: true };
  const text = decodeLegacyCharset(bytes, charset);
  return { text: text ?? windows1252(bytes), known: text !== null };
}

/** Text of a character set that TextDecoder lacks: UTF-7, the DOS code pages, HZ and ISO-2022-KR. Null if it is none of them. */
function decodeLegacyCharset(bytes: Uint8Array, charset: string): string | null {
  const name = plainName(charset);
  if (name === 'utf7' || name === 'unicode11utf7') return decodeUtf7(latin1(bytes));
  if (name === 'hzgb2312') return decodeHz(latin1(bytes));
  if (name === 'iso2022kr') return decodeShifted(bytes);
  const upper = upperHalves.get(name.replace(/^(ibm|dos|windows)?(?=\d)/, 'cp'));
  if (upper === undefined) return null;
  const letters = [...upper];
  return latin1(bytes).replace(/[\u0080-\u00ff]/g, (letter) => letters[letter.charCodeAt(0) - 0x80] ?? '\ufffd');
}

/** Whether other programs' decoders know `charset` too. */
export function isCommonCharset(charset: string): boolean {
  return decoderFor(charset) !== null;
}

/** A decoded header value as one safe line. */
export function shownLine(text: string): string {
  return singleLine(repairWindowsLetters(text));
}

export function windows1252(bytes: Uint8Array): string {
  return repairWindowsLetters(latin1(bytes));
}

function decoderFor(charset: string): TextDecoder | null {
  const name = charset.trim().toLowerCase();
  // The encoding standard answers these with a decoder that only ever says "unreadable".
  if (/^(hz-gb-2312|iso-2022-(kr|cn)(-ext)?|csiso2022kr|replacement)$/.test(name)) return null;
  for (const label of [name, aliases.get(plainName(name)), name.replace(/^(x-|cs)/, '')]) {
    if (label === undefined) continue;
    try {
      return new TextDecoder(label);
    } catch {
      // Not this label; another spelling may be known.
    }
  }
  return null;
}

function plainName(charset: string): string {
  return charset
    .toLowerCase()
    .replace(/^(x-|cs)/, '')
    .replace(/[^a-z0-9]/g, '');
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** RFC 2152: "+" begins UTF-16 in base64, "-" or any other character ends it, "+-" is a plus. */
function decodeUtf7(text: string): string {
  return text.replace(/\+([A-Za-z0-9+/]*)-?/g, (_, encoded: string) => {
    if (encoded === '') return '+';
    const bytes = Buffer.from(encoded, 'base64');
    return new TextDecoder('utf-16be').decode(bytes.subarray(0, bytes.length - (bytes.length % 2)));
  });
}

/** RFC 1843: between "~{" and "~}" stand the two bytes of GB 2312 without their high bits. */
function decodeHz(text: string): string {
  return text.replace(/~\{([^~]*)(?:~\}|$)|~~|~\n/g, (match, shifted: string | undefined) => {
    if (shifted === undefined) return match === '~~' ? '~' : '';
    return new TextDecoder('gbk').decode(Uint8Array.from(shifted, (letter) => letter.charCodeAt(0) | 0x80));
  });
}

/** RFC 1557: SO and SI switch to KS X 1001 and back; with high bits set that is EUC-KR. */
function decodeShifted(bytes: Uint8Array): string {
  const plain: number[] = [];
  let shifted = false;
  for (const byte of bytes) {
    if (byte === 0x0e || byte === 0x0f) shifted = byte === 0x0e;
    else plain.push(shifted && byte > 0x20 ? byte | 0x80 : byte);
  }
  return new TextDecoder('euc-kr').decode(Uint8Array.from(plain)).replace('\u001b$)C', '');
}
