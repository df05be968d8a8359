/** Every limit that guards us against hostile or broken input, and every size that the platform sets. Bytes unless said. */
const KiB = 1024;
const MiB = 1024 * KiB;

/** Limits on one message (RELIABILITY: security 7). */
export const messageLimits = {
  headerBytes: 256 * KiB,
  depth: 32,
  parts: 1_000,
  addresses: 500,
  /** Message ids kept of a References header. */
  references: 100,
  /** Jira's own limit on a summary, in characters. */
  subjectChars: 255,
  htmlBytes: 1 * MiB,
  textBytes: 1 * MiB,
  fileNameChars: 200,
} as const;

/** What Jira takes (Jira Cloud's `jira.text.field.character.limit`). */
export const jiraLimits = {
  /** Characters of a description or comment: of the document's JSON, not of the text that people see. */
  documentChars: 32_767,
  /** Files of one upload. */
  filesARequest: 60,
  /** Bytes of files that are sent together: they are held twice more while they are packed. A larger file goes alone. */
  uploadBytes: 8 * MiB,
} as const;

/** Limits on one run of a poll. */
export const pollLimits = {
  /** Messages listed and taken before the cursor is written again. */
  batchSize: 50,
  /** What messages that wait may take of the stored cursor; above it nothing new is listed, so that a batch more may wait. */
  waitingBytes: 64 * KiB,
  /** Tries before a message that we cannot handle is quarantined. */
  attempts: 5,
  /** Quarantined messages kept for show, and bytes of them; the oldest make room. */
  quarantined: 200,
  quarantinedBytes: 36 * KiB,
  /** A message whose attachments Jira does not allow is tried again after this (ms), until somebody allows them. */
  refusedAttachmentsMs: 15 * 60_000,
  /** Mail whose issue can't be seen stops its connection for this long (ms) at least, before others are tried without it. */
  unseenMs: 60 * 60_000,
  /** Answers of Jira lost for one message, after which it is not made again where search shows nothing of ours at all. */
  lostAnswers: 2,
  /** What the mailbox says is not there is asked for again after this (ms), by the next poll ... */
  missingAgainMs: 1_000,
  /** ... and is gone if it still says so after this (ms): a server that lags behind, and the session with it, has changed. */
  missingMs: 45_000,
  /** Milliseconds that must be left to begin another message: parsing, creating and attaching a large one. */
  reserveMs: 60_000,
  /** An idle poll notes that it ran only when the last note is this old (ms): an idle poll writes nothing. */
  heartbeatMs: 15 * 60_000,
  /** Wait after the first failed poll (ms); doubles with each further one, up to the longest. */
  backoffMs: 60_000,
  longestBackoffMs: 60 * 60_000,
  /** Connections of one queue event that are polled at the same time, besides those that are slow. */
  parallel: 8,
  /** A connection that takes longer than this (ms) is slow: another one begins beside it. */
  slowMs: 5_000,
  /** Slow ones of an event beyond which the others have to wait after all: each holds a batch of mail in memory. */
  slow: 24,
  /** Time (ms) that each connection of a shared event has; what is left then goes on in an event of its own. */
  sliceMs: 60_000,
  /**
   * Pause before the event that goes on with a run (ms): the run that pushes it still holds its concurrency key, and what the key
   * refuses is postponed by more than this (FORGE.md §3).
   */
  goOnMs: 5_000,
  /** The longest that the platform postpones an event whose concurrency key is held (ms; FORGE.md §3). */
  postponedMs: 15 * 60_000,
  /** An event of its own that has not begun after this (ms) was never pushed: its connection is polled with others again. */
  ownEventMs: 90_000,
} as const;

/** What is kept of a connection's protocol while its log is on; the oldest lines make room. */
export const protocolLimits = {
  lines: 1_000,
  /** A stored value may have 240 KiB; each poll writes this one again while the log is on. */
  keptBytes: 100 * KiB,
  /** Hours after which what nobody cleared is forgotten; the platform may take two days more. */
  hours: 24,
} as const;

/** Limits on mail that goes out. */
export const outgoingLimits = {
  /** To, cc and bcc together: what Gmail and Exchange Online take in one mail. */
  recipients: 500,
  nameChars: 100,
  subjectChars: 500,
  attachments: 100,
  /** A message id of somebody else's that is longer is not repeated in our headers. */
  messageIdChars: 500,
  /**
   * The whole mail as it is sent, attachments in base64 included. What goes through the gateway goes there in one request,
   * of which the platform takes 5 MB. Graph takes 4 MB, and MIME only in base64
   * (https://learn.microsoft.com/graph/outlook-send-mime-message).
   */
  rawBytes: {
    smtp: 4.5 * MiB,
    google: 25 * MiB,
    'microsoft-smtp': 4.5 * MiB,
    'microsoft-graph': 3 * MiB - 64 * KiB,
  },
} as const;

/** Characters of a position: it must fit into the stored cursor, with all that waits there (240 KiB). */
export const positionChars = 100_000;

/** The gateway's answers carry at most this much raw mail; a longer mail comes in parts. */
export const gatewayResponseBytes = 4 * MiB;

/** ... and this much where the way to it carries only JSON, in base64. */
export const gatewayJsonBytes = 2 * MiB;
/** How much raw mail is asked for at once after answers that did not get through. */
export const gatewayWindow = {
  smallest: 64 * KiB,
  /** Full answers after which it is doubled. */
  fullBeforeGrowth: 8,
  /** Halvings, one after the other, before the rest is left to the next poll. */
  halvings: 3,
  /** Mailboxes whose window is kept in mind. */
  remembered: 1_000,
} as const;

/** Milliseconds that one call to the gateway may take: how long the platform waits is published only for pages, 25 seconds. */
export const gatewayCallMs = 20_000;
/** Seconds after which the gateway is to end a call, so that its answer arrives within `gatewayCallMs`. */
export const gatewayAnswerSeconds = 15;
/** Calls that one job may take: more than the longest that a gateway lets one run. */
export const gatewayCallsPerJob = 50;

/**
 * What a page gets at once of a mail that it downloads: a resolver's answer may have 5 MB, and carries it in base64, a third longer.
 */
export const rawPartBytes = 3.5 * MiB;

/** The largest mail that a connection may take, and a page download. */
export const largestRawMb = 50;

/**
 * Days that a receipt is kept, the platform's longest TTL. It is renewed when its message is met so late that less than
 * `receiptDaysAfterRemoval` would be left of them should the message leave the mailbox now.
 */
export const receiptDaysWhileKept = 365;
/** Days for which a receipt outlives its message: earlier versions kept some no longer than that from the beginning. */
export const receiptDaysAfterRemoval = 90;
/** Margin (ms) around the last poll of another provider: mail becomes visible after it was received, and clocks differ. */
export const switchMarginMs = 60 * 60_000;

/** Seconds that the poll consumer may run; the same number stands in manifest.yml as `timeoutSeconds`. */
export const pollTimeoutSeconds = 600;
/** How far Jira's search may lag behind what was created, in milliseconds. */
export const searchLagMs = 10 * 60_000;
/**
 * Milliseconds after which a claim has no living owner: the platform ends a function at its timeout, and by then Jira's
 * search shows whatever that function created.
 */
export const graceMs = pollTimeoutSeconds * 1_000 + searchLagMs;

/** Margin (ms) before a claim in which its issue is looked for by time: clocks differ, and JQL counts in minutes. */
export const claimMarginMs = 10 * 60_000;
/** The same before a mail was given up: it may have been tried for that long. */
export const givenUpMarginMs = 6 * 60 * 60_000;

/** Milliseconds that one step to a mail server may take while a page waits: the platform ends a resolver after 25 seconds. */
export const resolverTimeoutMs = 10_000;

/** Limits on the checks of the diagnosis page. */
export const diagnosisLimits = {
  /** Milliseconds of one check: the platform ends a resolver after 25 seconds ... */
  checkMs: 23_000,
  /** ... of which these are kept for the answer. */
  reserveMs: 500,
  /** Seconds for which the gateway holds an answer back, to see how long a call may take. */
  holdSeconds: [5, 10, 15, 20],
  /** Milliseconds that clocks may differ: what a sign-in and an invocation token bear. */
  clockMs: 60_000,
  /** Milliseconds, and looks within them, for a query to list what was written; soon is within `queryGoodMs`. */
  queryMs: 10_000,
  queryLooks: 40,
  queryGoodMs: 2_000,
  /** Milliseconds, and looks within them, for Jira's search to find an issue that was just made. */
  searchMs: 12_000,
  searchLooks: 6,
  /** The newest issues that are looked for: some may be deleted. */
  issues: 3,
} as const;

/** Limits on alerts. */
export const alertLimits = {
  /** Rules of one site. */
  rules: 25,
  /** Incidents that a rule keeps in mind; while there are more, the others are not told. */
  noted: 500,
  /** Incidents of one kind spelled out in one message; the others are counted. */
  spelledOut: 20,
  /** Requests of one message to Opsgenie, which takes one an incident: should each time out, the run has time left to note that. */
  opsgenieAtOnce: 10,
  /** Messages of one rule in one run: the platform lets a function make 100 requests a minute. */
  messagesARun: 5,
  /** An incident is over when nothing was seen of it for this long (ms): three runs of the trigger, which is never on the second. */
  calmMs: 14 * 60_000,
  /** An incident that grows (more mail given up) is told again after this long (ms) at the earliest. */
  sameAgainMs: 60 * 60_000,
  /** Wait after the first message that did not get through (ms); doubles with each further one, up to the longest. */
  backoffMs: 4 * 60_000,
  longestBackoffMs: 60 * 60_000,
  /** Milliseconds that the other side may take to answer. */
  timeoutMs: 10_000,
  /** Bytes of its answer that are read. */
  answerBytes: 16 * KiB,
} as const;

/** Seconds that the function which sends alerts may run; the same number stands in manifest.yml as `timeoutSeconds`. */
export const alertTimeoutSeconds = 180;
/** Milliseconds of that which are kept for noting what was told ... */
export const alertReserveMs = 20_000;
/** ... and that must be left to begin a message: the longest takes this. */
export const alertMessageMs = alertLimits.opsgenieAtOnce * alertLimits.timeoutMs + alertReserveMs;
/** Milliseconds after which whoever began to send has ended: the platform ends a function at its timeout. */
export const alertGraceMs = (alertTimeoutSeconds + 60) * 1_000;
