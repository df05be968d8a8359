import { isUtf8 } from 'node:buffer';
import { decodeCharset, isCommonCharset, windows1252 } from './charsets';

/** RFC 2047 §2. */
const encodedWord = /=\?([^?\s]{1,60})\?([QqBb])\?([^?\r\n]*)\?=/g;

/**
 * A header as the parser understands it: in UTF-8, with encoded words of common character sets only. Raw Latin-1 is older than
 * RFC 6532's UTF-8, and still sent; left alone it would become "\ufffd".
 */
export function readableHeader(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const words = text.replace(encodedWord, (word, label: string, encoding: string, payload: string) => {
    const charset = label.replace(/\*.*$/, '');
    if (!isCommonCharset(charset)) return recode(charset, encoding, payload);
    // A raw byte in an encoded word is in the word's character set, whatever the rest of the header is in.
    return /[qQ]/.test(encoding) ? word.replace(/[\u0080-\u00ff]/g, hexadecimal) : word;
  });
  const result = words === text ? bytes : Buffer.from(words, 'latin1');
  return isUtf8(result) ? result : Buffer.from(windows1252(result));
}

function recode(charset: string, encoding: string, payload: string): string {
  const bytes = /[bB]/.test(encoding)
    ? Buffer.from(payload, 'base64')
    : Buffer.from(
        payload
          .replaceAll('_', ' ')
          .replace(/=([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
        'latin1',
      );
  return `=?utf-8?B?${Buffer.from(decodeCharset(bytes, charset).text).toString('base64')}?=`;
}

function hexadecimal(letter: string): string {
  return `=${letter.charCodeAt(0).toString(16).toUpperCase()}`;
}
