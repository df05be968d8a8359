/** What Forge limits, in one place; sources in the platform's "limits" pages. Bytes, milliseconds and counts as named. */
const KiB = 1024;
const MiB = 1024 * KiB;

export const functionLimits = {
  resolverSeconds: 25,
  defaultSeconds: 55,
  longestSeconds: 900,
  payloadBytes: 5 * MiB,
  invokeRequestBytes: 500 * KiB,
  invokeResponseBytes: 5 * MiB,
  /** A runtime minute; the timeout is rounded up to whole ones. */
  egressPerMinute: 100,
  logLinesPerMinute: 100,
  logBytes: 200 * KiB,
  outboundRequestMs: 180_000,
} as const;

/** Ports that Forge's proxy connects to. */
export const egressPorts: ReadonlySet<number> = new Set([80, 443, 8080, 8443, 8444, 7990, 8089, 8090, 8085, 8060]);

export const kvsLimits = {
  keyChars: 500,
  keyPattern: /^(?!\s+$)[a-zA-Z0-9:._\s-#]+$/,
  valueBytes: 240 * KiB,
  secretBytes: 128 * KiB,
  depth: 31,
  operations: 25,
  transactionBytes: 4 * MiB,
  pageDefault: 10,
  pageLongest: 20,
  entityPageLongest: 100,
  conditions: 100,
  ttlMs: 365 * 86_400_000,
  partitionBytes: 1_700,
  rangeBytes: 900,
  requestsPerSecond: 1_000,
  /** Reads, and writes, each in units of 10 KB. */
  unitsPerMinute: 4_000,
  unitBytes: 10 * KiB,
} as const;

export const queueLimits = {
  eventsPerPush: 50,
  pushBytes: 200 * KiB,
  /** An event for a function that may run longer than the default. */
  longEventBytes: 100 * KiB,
  eventsPerMinute: 500,
  delaySeconds: 900,
  /** Push requests of one invocation and of all that it led to, together. */
  descendantPushes: 1_000,
  retryDataBytes: 4 * KiB,
  retryAfterSeconds: 900,
  retentionMs: 24 * 3_600_000,
} as const;

/** Scheduled triggers of an app, and those of five minutes among them. */
export const triggerLimits = { triggers: 5, fiveMinute: 1 } as const;

/** Customer-managed egress of one installation: groups, and domains of a group. */
export const customerEgressLimits = { groups: 10, domains: 10 } as const;

export const webTriggerLimits = { outputs: 20, bodyChars: 1_024 } as const;
