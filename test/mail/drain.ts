import type { Arrival, Fetched, Mailbox } from '../../src/domain/ports';

export interface Drained {
  arrivals: Arrival[];
  position: string | null;
  listings: number;
  resets: number;
}

/** Lists until there is no more; `between` runs after each listing that is not the last. */
export async function drain(
  mailbox: Mailbox,
  position: string | null,
  limit = 50,
  between: (listing: number) => void = () => undefined,
): Promise<Drained> {
  const drained: Drained = { arrivals: [], position, listings: 0, resets: 0 };
  for (let more = true; more; ) {
    const listing = await mailbox.list(drained.position, limit);
    drained.arrivals.push(...listing.arrivals);
    drained.position = listing.position;
    drained.listings += 1;
    drained.resets += Number(listing.reset);
    more = listing.more;
    if (more) between(drained.listings);
    if (drained.listings > 500) throw new Error('The listing does not come to an end.');
  }
  return drained;
}

export const subjectOf = (fetched: Fetched | undefined): string =>
  fetched?.outcome === 'raw'
    ? (/^Subject: (.*)$/m.exec(Buffer.from(fetched.raw).toString())?.[1]?.trim() ?? '')
    : `(${fetched?.outcome})`;

export const mail = (subject: string, size = 0) =>
  `From: Ann <ann@example.com>\r\nTo: desk@example.com\r\nSubject: ${subject}\r\n\r\nHello.\r\n${'x'.repeat(size)}`;
