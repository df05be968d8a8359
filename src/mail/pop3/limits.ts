const KiB = 1024;
const MiB = 1024 * KiB;

/** What this client accepts from a POP3 server, and how far it runs ahead of one. */
export const pop3Limits = {
  /** A reply or a line of a listing. RFC 2449 §4 allows 512 bytes; some servers' unique ids alone are longer. */
  lineBytes: 16 * KiB,
  /** The whole of a reply that is no message. */
  listingBytes: 64 * MiB,
  messages: 250_000,
  /** As much of a header as is looked at. */
  headerBytes: 256 * KiB,
  /** Messages that are named by their header at most: that costs a command for each at every poll. */
  namedByHeader: 1_000,
  /** Messages whose dates are read from their headers to find where to begin: a command for each, while a page waits. */
  datedByHeader: 5_000,
  /** Commands, and bytes of announced mail, that are asked for before they are read. */
  windowCommands: 256,
  windowBytes: 4 * MiB,
  /** Received bytes that wait to be read before the server is held back. */
  readAheadBytes: 1 * MiB,
  /** The slowest transfer that counts as alive, in bytes a second; smaller mail has the timeout alone. */
  slowestBytesPerSecond: 32 * KiB,
  /** What one call may wait for the server in all (ms). */
  callMs: 120_000,
  /** A session locks other clients out of the mailbox (RFC 1939 §4): one that nobody uses ends after this (ms). */
  idleMs: 30_000,
  /** What a goodbye may take (ms). */
  quitMs: 2_000,
} as const;
