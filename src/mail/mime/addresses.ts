import { addressParser } from 'postal-mime';
import { messageLimits } from '../../domain/limits';
import type { Address } from '../../domain/message';
import { cutText } from '../../domain/text';
import { shownLine } from './charsets';

/** Display names are shown and never matched: longer ones only fill the screen. */
const longestName = 200;

/**
 * One "@", no blanks, brackets, quotes or other characters that mean something in a header or on an SMTP line. Stricter
 * than RFC 5322 §3.4.1 (no quoted local parts, no comments), wider than it in letters of any script (RFC 6531).
 */
const plainAddress =
  /^[^\s\p{Cc}\p{Cf}<>()[\]\\,;:"@]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}._-]{0,251}[\p{L}\p{N}])?$/u;

/**
 * The people of an address header. Groups become their members, a group without members its name. What is no plain address
 * stays visible as a name but never becomes an address that something could be sent to.
 */
export function readAddresses(values: readonly string[]): { addresses: Address[]; cut: boolean } {
  const addresses: Address[] = [];
  for (const value of values) {
    for (const entry of addressParser(value)) {
      if (entry.group === undefined) addresses.push(neutral(entry.name, entry.address));
      else if (entry.group.length === 0)
        addresses.push({ name: cutText(shownLine(entry.name), longestName), address: '' });
      else for (const member of entry.group) addresses.push(neutral(member.name, member.address));
      if (addresses.length > messageLimits.addresses)
        return { addresses: addresses.slice(0, messageLimits.addresses), cut: true };
    }
  }
  return { addresses: addresses.filter((one) => one.name !== '' || one.address !== ''), cut: false };
}

function neutral(name: string, address: string): Address {
  const shown = cutText(shownLine(name), longestName);
  const trimmed = address.trim();
  if (!plainAddress.test(trimmed) || trimmed.includes('..')) {
    return { name: shown === '' ? cutText(shownLine(address), longestName) : shown, address: '' };
  }
  const at = trimmed.lastIndexOf('@');
  return { name: shown, address: `${trimmed.slice(0, at)}@${trimmed.slice(at + 1).toLowerCase()}` };
}
