import { messageLimits } from '../../domain/limits';
import type { Address } from '../../domain/message';
import { cutText, singleLine } from '../../domain/text';
import { type AddressToken, addressTokens } from './address-tokens';
import { decodeWords } from './encoded-words';
import type { TextReader } from './text-reader';

/** Display names are shown and never matched: longer ones only fill the screen. */
const longestName = 200;
/** RFC 5321 §4.5.3.1 and some more, for comments and routes. */
const longestAddress = 500;

/**
 * One "@", no blanks, brackets, quotes or other characters that mean something in a header or on an SMTP line. Stricter
 * than RFC 5322 §3.4.1 (no quoted local parts, no comments), wider than it in letters of any script (RFC 6531).
 */
const plainAddress =
  /^[^\s\p{Cc}\p{Cf}<>()[\]\\,;:"@]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}._-]{0,251}[\p{L}\p{N}])?$/u;

/**
 * The people of an address header, however it is written (RFC 5322 §3.4, §4.4). Groups become their members, a group without members
 * its name. What is no plain address stays visible as a name but never becomes an address that something could be sent to.
 */
export function readAddresses(values: readonly string[], reader: TextReader): { addresses: Address[]; cut: boolean } {
  const addresses: Address[] = [];
  for (const value of values) {
    for (const entry of entriesOf(value)) {
      const people = readEntry(entry, reader).map((one) => (one.name === one.address ? { ...one, name: '' } : one));
      addresses.push(...people.filter(({ name, address }) => name !== '' || address !== ''));
      if (addresses.length > messageLimits.addresses)
        return { addresses: addresses.slice(0, messageLimits.addresses), cut: true };
    }
  }
  return { addresses, cut: false };
}

/** The tokens of one entry after the other. */
function* entriesOf(value: string): Generator<AddressToken[]> {
  let entry: AddressToken[] = [];
  let hasAddress = false;
  /** "Doe, John <john@example.com>": what stands before a comma may be the beginning of the name behind it. */
  let before: AddressToken[] = [];
  /** A group's name, until a member comes. */
  let group: AddressToken[] = [];
  const take = (): AddressToken[][] => {
    const entries = entry.some(({ kind }) => kind === 'angle') ? [[...before, ...entry]] : [before, entry];
    const found = entries.filter((tokens) => tokens.some(({ kind }) => kind !== 'blank'));
    if (found.length > 0) group = [];
    [entry, before, hasAddress] = [[], [], false];
    return found;
  };
  for (const token of addressTokens(value)) {
    const { kind, text } = token;
    if (kind === 'comma' && !hasAddress) {
      before.push(...entry, { kind: 'word', text });
      entry = [];
    } else if (kind === 'comma') yield* take();
    else if (kind === 'colon' && /^\[?mailto$/i.test(entry.at(-1)?.text ?? '')) entry.push({ kind: 'word', text });
    else if (kind === 'colon' && !hasAddress) {
      group = [...before, ...entry];
      [entry, before] = [[], []];
    } else if (kind === 'semicolon') {
      yield* take();
      if (group.length > 0) yield group;
      group = [];
    } else {
      entry.push(token);
      hasAddress ||= kind === 'angle' || (kind !== 'comment' && text.includes('@'));
    }
  }
  yield* take();
  if (group.length > 0) yield group;
}

function readEntry(tokens: readonly AddressToken[], reader: TextReader): Address[] {
  const people: Address[] = [];
  let name: AddressToken[] = [];
  for (const token of tokens) {
    if (token.kind === 'angle') {
      people.push(neutral(nameOf(name, reader), token.text, reader));
      name = [];
    } else name.push(token);
  }
  const last = people.at(-1);
  if (last === undefined) return readBare(name, reader);
  const rest = nameOf(name, reader);
  if (last.name === '') last.name = rest;
  return people;
}

/** An entry without angle brackets: an address, with or without a name beside it, several of them, or no address at all. */
function readBare(tokens: readonly AddressToken[], reader: TextReader): Address[] {
  const text = tokens
    .filter(({ kind }) => kind !== 'comment')
    .map((token) => token.text)
    .join('')
    .replace(/[ \t]{0,20}@[ \t]{0,20}/g, '@')
    .trim();
  const whole = text.length > longestAddress ? null : usable(text, reader);
  if (whole !== null)
    return [
      {
        name: nameOf(
          tokens.filter(({ kind }) => kind === 'comment'),
          reader,
        ),
        address: whole,
      },
    ];
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  // One of several words is an address only where no local part with blanks was cut: "Ann Lee"@host, CN=Ann Lee/O=Acme@host.
  const isCut = tokens.some(({ kind }, index) => kind === 'quoted' && tokens[index + 1]?.text.startsWith('@'));
  const found = words.map((word) =>
    word.includes('@') && word.length <= longestAddress && !isCut && !/\/\w{1,9}=/.test(word)
      ? usable(word, reader)
      : null,
  );
  const addresses = found.flatMap((address) => address ?? []);
  const name = words.filter((_, index) => found[index] === null).join(' ');
  if (addresses.length > 1 && name === '') return addresses.map((address) => ({ name: '', address }));
  const [only, ...more] = addresses;
  if (only === undefined || more.length > 0) return [{ name: nameOf(tokens, reader), address: '' }];
  return [{ name: shown(decodeWords(name, reader)), address: only }];
}

/** The words before an address; a comment only where there is nothing else. */
function nameOf(tokens: readonly AddressToken[], reader: TextReader): string {
  const textOf = (kept: readonly AddressToken[]) =>
    shown(
      decodeWords(kept.map(({ kind, text }) => (kind === 'comment' ? ` ${text} ` : text)).join(''), reader),
    ).replace(/^[\s,]+|[\s,]+$/g, '');
  return textOf(tokens.filter(({ kind }) => kind !== 'comment')) || textOf(tokens);
}

function shown(name: string): string {
  return cutText(singleLine(name), longestName);
}

function neutral(name: string, address: string, reader: TextReader): Address {
  const found = address.length > longestAddress ? null : usable(address, reader);
  if (found !== null) return { name, address: found };
  return { name: shown(`${name} ${decodeWords(cutText(address, longestAddress), reader)}`), address: '' };
}

/** The plain address in what stands in angle brackets; null if there is none. */
function usable(text: string, reader: TextReader): string | null {
  const bare = withoutComments(text)
    .replace(/^[\s<]+|[\s>;,]+$/g, '')
    .replace(/^(["'`])(.*)\1$/s, '$2')
    // "Ann Lee [mailto:ann@example.com]", as Outlook quotes headers.
    .replace(/^\[(.*)\]$/s, '$1')
    // RFC 5322 §4.4: the hosts on the way are accepted and ignored.
    .replace(/^@[^:]*:/, '')
    .replace(/^mailto:/i, '')
    .replace(/\s*@\s*/g, '@')
    .replace(/\.+$/, '');
  const at = bare.lastIndexOf('@');
  const local = decodeWords(bare.slice(0, at).replace(/^"(.*)"$/, '$1'), reader);
  const plain = `${local}@${bare.slice(at + 1).toLowerCase()}`;
  return at > 0 && plainAddress.test(plain) && !plain.includes('..') ? plain : null;
}

function withoutComments(text: string): string {
  return text.includes('(') ? text.replace(/\([^()]*\)/g, '') : text;
}
