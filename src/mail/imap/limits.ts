const KiB = 1024;
const MiB = 1024 * KiB;

/** What a server may make us hold or wait for. Bytes unless said. */
export const imapLimits = {
  /** One line without literals; a plain SEARCH answer for `windowMessages` fits, whatever their UIDs. */
  lineBytes: 64 * KiB,
  /** Messages that one search looks at. */
  windowMessages: 5_000,
  /** Searches that look through one folder. */
  mostWindows: 1_000,
  /** UIDs or runs of them in one command: servers refuse lines of more than 8,000 bytes (RFC 7162 §4). */
  runsPerCommand: 350,
  /** What may come above the largest mail that the settings allow before a literal is refused unread. */
  literalSlackBytes: 64 * KiB,
  /** Mail that is read before it is handed on in whole messages; a longer message comes in stretches. */
  windowBytes: 16 * MiB,
  /** As much as an answer of the gateway has: each stretch is a command of its own, which costs the server more than its bytes. */
  stretchBytes: 4 * MiB,
  /** The whole answer to a command that reads no messages, however many lines it has. */
  answerBytes: 8 * MiB,
  /** ... to one that reads what is known of them: size, flags, dates, a few headers. */
  rowsBytes: 32 * MiB,
  /** ... and one message: more than the largest that settings allow. */
  messageBytes: 64 * MiB,
  /** Texts of messages that one command did not ask for: a server that sends them ignores what it is asked. */
  surplusBytes: 2 * MiB,
  /** Rows of one listing. */
  listRows: 100_000,
  /** Messages that are flagged as deleted and remembered, in case the flag is taken away; more are forgotten, oldest first. */
  deletedRemembered: 1_000,
  /** ... and of those that are left from the start, asked for by one command. */
  pendingAsked: 500,
  /** Commands of one listing that look for the message that a server refuses to describe. */
  isolations: 40,
  /** Sizes remembered from a listing, so that the fetch after it need not ask again. */
  rememberedSizes: 5_000,
  /** A message that comes slower than this, in bytes a second, is given up. */
  slowestBytesPerSecond: 64 * KiB,
  /** Milliseconds that one call may wait for the server in all. */
  callMs: 120_000,
  /** Milliseconds after which the folder is opened anew: only then a server tells that it was made anew (UIDVALIDITY). */
  selectMs: 5 * 60_000,
  /** Milliseconds that a session may lie idle before its socket counts as dead. */
  idleMs: 29 * 60_000,
} as const;
