import { lookup as dnsLookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv4 } from 'node:net';
import { hostNotFound, hostUnreachable } from '../mail/unreachable';

export interface HostGuardOptions {
  /** Lets addresses of private networks through: for a gateway inside one. */
  allowPrivate: boolean;
  /** Ports that may be connected to; null: all. */
  ports: readonly number[] | null;
  /** All addresses of a name; default: the system's resolver. */
  lookup?: (host: string) => Promise<string[]>;
}

/** The addresses that may be connected to. @throws AppError `host-not-found`, `host-unreachable` */
export type ResolveHost = (host: string, port: number) => Promise<string[]>;

// IANA special-purpose registry (RFC 6890 and later); 168.63.129.16 is a public address that in Azure is the host's own.
const reservedIpv4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 ' +
  '192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 ' +
  '240.0.0.0/4 168.63.129.16/32';
// Inside 2000::/3, which is all that is routed: Teredo, ORCHID and benchmarking, documentation, 6to4, documentation.
const reservedIpv6 = '2001::/23 2001:db8::/32 2002::/16 3fff::/20';

const globalUnicast = blockList('2000::/3', 'ipv6');
const reserved4 = blockList(reservedIpv4, 'ipv4');
const reserved6 = blockList(reservedIpv6, 'ipv6');

function blockList(ranges: string, family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of ranges.split(' ')) {
    const [net = '', prefix] = range.split('/');
    list.addSubnet(net, Number(prefix), family);
  }
  return list;
}

/** Lets only public addresses through, each one a name resolves to, and says the same of all that it refuses. */
export function hostGuard({ allowPrivate, ports, lookup = systemLookup }: HostGuardOptions): ResolveHost {
  return async (host, port) => {
    if (ports !== null && !ports.includes(port)) throw hostUnreachable(host, port);
    let addresses: string[];
    try {
      addresses = isIP(host) === 0 ? await lookup(host) : [host];
    } catch (cause) {
      throw hostNotFound(host, cause);
    }
    if (addresses.length === 0) throw hostNotFound(host);
    // One private address among public ones is an attempt to reach it at the next try.
    if (!allowPrivate && !addresses.every(isPublicAddress)) throw hostUnreachable(host, port);
    return addresses;
  };
}

async function systemLookup(host: string): Promise<string[]> {
  return (await dnsLookup(host, { all: true })).map(({ address }) => address);
}

/** Whether an IP address is one of the public internet, also where an IPv4 address is wrapped into an IPv6 one. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !reserved4.check(address, 'ipv4');
  const groups = ipv6Groups(address);
  if (groups === null) return false;
  const wrapped = wrappedIpv4(groups);
  if (wrapped !== null && !isPublicAddress(wrapped)) return false;
  // Mapped and NAT64 addresses lead to the IPv4 address alone.
  if (wrapped !== null && (isMapped(groups) || isNat64(groups))) return true;
  return globalUnicast.check(address, 'ipv6') && !reserved6.check(address, 'ipv6');
}

/** The eight 16-bit groups; null when it is no plain IPv6 address (a zone makes it a link's own). */
function ipv6Groups(address: string): number[] | null {
  if (isIP(address) !== 6 || address.includes('%')) return null;
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...octets: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = octets.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = '', tail] = hex.split('::');
  const parse = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  if (tail === undefined) return parse(head);
  const [before, after] = [parse(head), parse(tail)];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

const startsWith = (groups: readonly number[], ...prefix: number[]) =>
  prefix.every((group, index) => groups[index] === group);

/** ::ffff:a.b.c.d (RFC 4291 §2.5.5.2). */
const isMapped = (groups: readonly number[]) => startsWith(groups, 0, 0, 0, 0, 0, 0xffff);
/** 64:ff9b::a.b.c.d (RFC 6052 §2.1). */
const isNat64 = (groups: readonly number[]) => startsWith(groups, 0x64, 0xff9b, 0, 0, 0, 0);
/** Any prefix, then 0:5efe or 200:5efe and a.b.c.d (RFC 5214 §6.1). */
const isIsatap = (groups: readonly number[]) => groups[5] === 0x5efe && ((groups[4] ?? 0) & 0xfdff) === 0;

/** The IPv4 address at the end of an IPv6 one, in the forms that carry it there. 6to4 and Teredo are refused as a whole. */
function wrappedIpv4(groups: readonly number[]): string | null {
  if (!isMapped(groups) && !isNat64(groups) && !isIsatap(groups)) return null;
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}
