const KiB = 1024;

/** What a mail server may make us hold or wait for. Bytes unless said. */
export const smtpLimits = {
  /** One reply with all its lines; RFC 5321 §4.5.3.1.5 allows 512 a line. */
  replyBytes: 64 * KiB,
  /** Milliseconds that one call may wait for the server in all. */
  callMs: 120_000,
  /** A server looks through the whole mail before it answers: it gets at least this long for that (ms). */
  acceptMs: 60_000,
  /** A mail that is taken slower than this, in bytes a second, is given up. */
  slowestBytesPerSecond: 32 * KiB,
  /** What a goodbye may take (ms). */
  quitMs: 2_000,
  /** A greylisting server that names no time lets a mail in after about this long (ms). */
  greylistMs: 5 * 60_000,
  /** The longest wait that a server's words may ask for (ms). */
  longestWaitMs: 24 * 60 * 60_000,
} as const;
