import { latin1, legacyCharsets } from './legacy-charsets';

/** A character set that can be read here. */
export interface Charset {
  /** The encoding standard's name, or the one in `legacyCharsets`; lower-case. */
  name: string;
  /** Every letter is one byte: any bytes at all are text in it. */
  singleByte: boolean;
  /** Its text looks like ASCII, or has bytes of zero between its letters, and would not be known from the bytes alone. */
  byLabelOnly: boolean;
  /** Text of these bytes; U+FFFD for what is none in this character set. */
  decode: (bytes: Uint8Array) => string;
}

/** US-ASCII by any of its names, and names that say that nobody knows: they tell nothing of bytes above 0x7F (RFC 1428). */
const namesNothing =
  /^(us|(us)?ascii(7bit)?|ansix341968|ansix341986|iso646(us|irv.*)|isoir6|(cp|ibm)367|csascii|(x?user)?defined|default|none|null|auto|x?unknown(8bit|7bit)?|(7|8)bit|binary|text|plain|iso8859|charset)?$/;

/** Windows' numbers of character sets that are more than "windows-" and the number (Microsoft's "Code Page Identifiers"). */
const codePages = new Map(
  Object.entries({
    866: 'ibm866',
    874: 'windows-874',
    932: 'shift_jis',
    936: 'gbk',
    949: 'euc-kr',
    950: 'big5',
    1200: 'utf-16le',
    1201: 'utf-16be',
    12000: 'utf-32le',
    12001: 'utf-32be',
    10000: 'macintosh',
    10001: 'shift_jis',
    10002: 'big5',
    10003: 'euc-kr',
    10008: 'gbk',
    10007: 'x-mac-cyrillic',
    20866: 'koi8-r',
    20932: 'euc-jp',
    20936: 'gbk',
    21866: 'koi8-u',
    50220: 'iso-2022-jp',
    50221: 'iso-2022-jp',
    50222: 'iso-2022-jp',
    50225: 'iso-2022-kr',
    51932: 'euc-jp',
    51936: 'gbk',
    51949: 'euc-kr',
    52936: 'hz-gb-2312',
    54936: 'gb18030',
    65000: 'utf-7',
    65001: 'utf-8',
  }),
);

/** Spellings without their punctuation, longest first where one begins another. */
const spellings: readonly (readonly [RegExp, string | ((match: RegExpExecArray) => string)])[] = [
  [/^(unicode\d\d)?utf7|^unicode20utf7/, 'utf-7'],
  [/^utf8|^unicode11utf8|^cesu8/, 'utf-8'],
  [/^(utf16|ucs2|unicode|iso10646ucs2)(le|be)?/, ([, , order]) => `utf-16${order ?? ''}`],
  [/^(?:utf32|ucs4|iso10646ucs4)(le|be)?/, ([, order]) => `utf-32${order ?? ''}`],
  [/^iso2022jp/, 'iso-2022-jp'],
  [/^iso2022kr/, 'iso-2022-kr'],
  [/^iso2022cn/, 'iso-2022-cn'],
  [/^hz/, 'hz-gb-2312'],
  [
    /^iso?8859(1[0-6]|[1-9])(e|i)?/,
    ([, part, order]) =>
      part === '11' ? 'windows-874' : `iso-8859-${part}${part === '8' && order === 'i' ? '-i' : ''}`,
  ],
  [/^latin([1-6])(?!\d)/, ([, part]) => `latin${part}`],
  [/^latin9|^latin0/, 'iso-8859-15'],
  [/^latin(7|8|10)/, ([, part]) => `iso-8859-${{ 7: 13, 8: 14, 10: 16 }[part ?? '']}`],
  [/^(?:windows|win|cp|ms|ibm|dos|oem|msdos|mswin)?(\d{3,5})(?!\d)/, ([, page]) => pageName(page ?? '')],
  [/^(windows31j|mskanji|s(hift)?jis|shiftjis)/, 'shift_jis'],
  [/^(eucjp|ujis)/, 'euc-jp'],
  [/^(euckr|ksc?56\d\d|ksc|uhc|korean)/, 'euc-kr'],
  [/^gb18030/, 'gb18030'],
  [/^(gb|euccn|chinese)/, 'gbk'],
  [/^big5/, 'big5'],
  [/^koi8(ru|u)/, 'koi8-u'],
  [/^koi8/, 'koi8-r'],
  [/^tis620/, 'windows-874'],
  [/^maccyrillic|^macukraine/, 'x-mac-cyrillic'],
  [/^macjapan/, 'shift_jis'],
  [/^macchinesetrad/, 'big5'],
  [/^macchinesesimp/, 'gbk'],
  [/^mackorean/, 'euc-kr'],
  // Other scripts of the Mac have character sets of their own, which nobody here can read.
  [/^mac(intosh|roman$|western)?$/, 'macintosh'],
  [/^(ansi|western)/, 'windows-1252'],
];

function pageName(page: string): string {
  const known = codePages.get(page);
  if (known !== undefined) return known;
  if (/^125\d$/.test(page)) return `windows-${page}`;
  if (/^2859\d$/.test(page)) return `iso-8859-${page.slice(4)}`;
  return `cp${page}`;
}

/** Whether a label says anything at all of bytes above 0x7F. */
export function namesCharset(label: string): boolean {
  return !namesNothing.test(unpunctuated(bareLabel(label)));
}

/**
 * The character set that a label means, however it is quoted, cased, abbreviated or commented; null if nobody here can read it.
 * Labels come from mail: from Windows' numbers to "_iso-2022-jp$ESC".
 */
export function charsetNamed(label: string): Charset | null {
  const bare = bareLabel(label);
  const plain = unpunctuated(bare);
  if (namesNothing.test(plain)) return null;
  for (const [spelling, name] of spellings) {
    const match = spelling.exec(plain);
    if (match === null) continue;
    const found = charset(typeof name === 'string' ? name : name(match));
    if (found !== null) return found;
  }
  return charset(bare) ?? charset(bare.replace(/^(x-|cs)/, ''));
}

/** The label without quotes of any sort, escapes, comments and what follows a blank. */
function bareLabel(label: string): string {
  return label
    .slice(0, 200)
    .toLowerCase()
    .replace(/\([^()]*\)/g, ' ')
    .replace(/\*.*$/, '')
    .replace(/[\\"'`´‘’“”<>[\]]/g, ' ')
    .trim()
    .replace(/^(iso|windows|cp|koi|euc|utf|big|latin)\s+(?=\d)/, '$1-')
    .replace(/[\s,;].*$/s, '');
}

function unpunctuated(label: string): string {
  return label.replace(/[^a-z0-9]/g, '').replace(/^(x|cs)(?=[a-z])/, '');
}

/** The character set of one of the encoding standard's labels, or of a name in `legacyCharsets`. */
export function charset(name: string): Charset | null {
  const legacy = legacyCharsets.get(name);
  if (legacy !== undefined)
    return { name, singleByte: name.startsWith('cp'), byLabelOnly: !name.startsWith('cp'), decode: legacy };
  // The encoding standard answers these with a decoder that only ever says "unreadable".
  if (/^(iso-2022-cn-ext|csiso2022kr|replacement)$/.test(name)) return null;
  // RFC 2781 §4.3: big-endian unless a mark says otherwise; what Windows calls so is little-endian, and the zeros tell.
  if (name === 'utf-16') return { name, singleByte: false, byLabelOnly: true, decode: decodeUtf16 };
  try {
    const { encoding } = new TextDecoder(name);
    // The standard reads both alike; Node's own GBK puts the euro sign into the private area.
    const decoder = new TextDecoder(encoding === 'gbk' ? 'gb18030' : name);
    const singleByte = /^(windows-|iso-8859-|koi8-|ibm866|macintosh|x-mac)/.test(encoding);
    const plain = (bytes: Uint8Array) => decoder.decode(bytes);
    const decode = encoding === 'windows-1252' ? windows1252 : encoding === 'iso-2022-jp' ? joined(plain) : plain;
    return { name: encoding, singleByte, byLabelOnly: /^(iso-2022|utf-16)/.test(encoding), decode };
  } catch {
    return null;
  }
}

/** Words that were put together switch back to ASCII and at once to Japanese again, which the encoding standard takes for an attack. */
function joined(decode: Charset['decode']): Charset['decode'] {
  return (bytes) => decode(Buffer.from(latin1(bytes).replaceAll('\u001b(B\u001b', '\u001b'), 'latin1'));
}

function decodeUtf16(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  let zerosFirst = 0;
  for (let index = 0; index < Math.min(bytes.length - 1, 2_000); index += 2)
    zerosFirst += Number(bytes[index] === 0) - Number(bytes[index + 1] === 0);
  return new TextDecoder(zerosFirst < 0 ? 'utf-16le' : 'utf-16be').decode(bytes);
}

/** Bytes 0x80 to 0x9F of Windows' Latin letters (WHATWG Encoding, windows-1252). */
const windowsLetters = [...'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'];

/**
 * Windows' Latin letters, which any bytes are. Node's own decoder reads them as ISO-8859-1 in some versions, and "€" becomes an
 * invisible control character.
 */
export function windows1252(bytes: Uint8Array): string {
  return latin1(bytes).replace(/[\u0080-\u009f]/g, (letter) => windowsLetters[letter.charCodeAt(0) - 0x80] ?? letter);
}
