import { type ActivityEntry, defaultActivityDays } from '../../src/domain/activity';
import { AppError } from '../../src/domain/app-error';
import { type Connection, connectionSettings, type SettingsOf } from '../../src/domain/connection';
import type { Cursor } from '../../src/domain/cursor';
import { overtaken } from '../../src/domain/cursor-change';
import { graceMs, receiptDaysWhileKept } from '../../src/domain/limits';
import { newestLines, type Protocol } from '../../src/domain/protocol';
import type { Known, Receipt } from '../../src/domain/receipt';
import { addPoll, type Tally } from '../../src/domain/tally';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { parseMessage } from '../../src/mail/mime';
import { ownMark } from '../../src/mail/own-mark';
import { pageOf } from './activity-page';
import { beginningWithOwnStores } from './poll-start';
import { type Issue, type Lag, worldIssues, worldJiraPause } from './world-issues';
import { worldMailbox } from './world-mailbox';

/** The mark of the installation that the world is part of. */
export const markOfTests = ownMark(async () => 'the key of this installation');

/**
 * A whole small world in memory, for tests that stop time or break calls: one mailbox, Jira, and the store with its
 * promises (a key is added once; timestamps are the store's). Every port call passes through `step`, before its effect and
 * after it.
 */
export interface World {
  ports(run?: Run): IntakePorts;
  mails: Mail[];
  /** Another number, and the server knows no position and no handle of before. */
  validity: number;
  issues: Issue[];
  connection: Connection;
  cursor(): Cursor | null;
  /** What the polls came to. */
  tally(): Tally | null;
  /** The activity log by ids. */
  activity: Map<string, ActivityEntry>;
  /** What was logged of the polls of connections. */
  protocols: Map<string, Protocol>;
  /** Those that have ended too: the store forgets them. */
  receipts: Map<string, { receipt: Receipt; createdAt: number; updatedAt: number; endsAt: number }>;
  /** Epoch milliseconds until which the polls know Jira's quota to be spent. */
  jiraPausedUntil: number;
  advance(milliseconds: number): void;
}

export interface Mail {
  uid: number;
  raw: Uint8Array;
  seen: boolean;
  gone: boolean;
  /** Epoch milliseconds; the server does not tell if nothing is said. */
  receivedAt?: number;
}

export interface Run {
  /** Called with the name of each port call, before its effect and after it; may throw, or never return. */
  step?(name: string, when: 'before' | 'after'): Promise<void> | void;
  /** Milliseconds that are left to this run. */
  remainingMs?(): number;
}

export function settingsOf(change: Record<string, unknown> = {}): SettingsOf<'imap'> {
  const settings = connectionSettings.parse({
    provider: 'imap',
    name: 'Support',
    host: 'imap.example.com',
    port: 993,
    username: 'support@example.com',
    target: { projectId: '10000', issueTypeId: '10001' },
    ...change,
  });
  if (settings.provider !== 'imap') throw new Error('These are settings of IMAP.');
  return settings;
}

export function mail(subject: string, options: { attachments?: number; messageId?: string } = {}): Uint8Array {
  const boundary = 'part';
  const attachments = Array.from(
    { length: options.attachments ?? 0 },
    (_, index) =>
      `--${boundary}\r\nContent-Type: text/csv; name="table-${index}.csv"\r\nContent-Disposition: attachment; filename="table-${index}.csv"\r\nContent-Transfer-Encoding: base64\r\n\r\n${btoa(`${subject},${index}`)}\r\n`,
  );
  const head = `From: Ada <ada@example.org>\r\nTo: support@example.com\r\nSubject: ${subject}\r\nMessage-ID: <${options.messageId ?? subject}@example.org>\r\nMIME-Version: 1.0\r\n`;
  const body =
    attachments.length === 0
      ? `Content-Type: text/plain; charset=utf-8\r\n\r\nText of ${subject}\r\n`
      : `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n--${boundary}\r\nContent-Type: text/plain\r\n\r\nText of ${subject}\r\n${attachments.join('')}--${boundary}--\r\n`;
  return new TextEncoder().encode(head + body);
}

export function createWorld(
  raws: Uint8Array[],
  settings: Record<string, unknown> = {},
  lag: Lag | number = 60_000,
): World {
  let now = Date.UTC(2026, 10, 20, 9);
  let connection: Connection | null = {
    id: 'c1',
    version: 1,
    state: 'enabled',
    settings: settingsOf(settings),
    logUntil: 0,
    createdAt: now,
    updatedAt: now,
  };
  let cursor: string | null = null;
  let tally: Tally | null = null;
  const receipts: World['receipts'] = new Map();
  const activity: World['activity'] = new Map();
  const protocols: World['protocols'] = new Map();
  const takeOvers = new Map<string, number>();
  const issues: Issue[] = [];
  const mails: Mail[] = raws.map((raw, index) => ({ uid: index + 1, raw, seen: false, gone: false }));

  const known = (origin: string): Known | null => {
    const found = receipts.get(origin);
    if (found === undefined || found.endsAt <= now) return null;
    const { receipt, updatedAt, endsAt } = found;
    return { receipt: structuredClone(receipt), ageMs: now - updatedAt, notedAt: updatedAt, endsAt };
  };
  const write = (origin: string, receipt: Receipt): void => {
    const createdAt = receipts.get(origin)?.createdAt ?? now;
    const endsAt = now + receiptDaysWhileKept * 86_400_000;
    receipts.set(origin, { receipt: structuredClone(receipt), createdAt, updatedAt: now, endsAt });
  };

  const world: World = {
    mails,
    validity: 7,
    issues,
    receipts,
    activity,
    protocols,
    jiraPausedUntil: 0,
    cursor: () => (cursor === null ? null : (JSON.parse(cursor) as Cursor)),
    advance: (milliseconds) => {
      now += milliseconds;
    },
    tally: () => tally,
    get connection() {
      if (connection === null) throw new Error('The connection was deleted.');
      return connection;
    },
    set connection(changed) {
      connection = changed;
    },
    ports: (run = {}) => {
      const call = async <T>(name: string, effect: () => T | Promise<T>): Promise<T> => {
        await run.step?.(name, 'before');
        const value = await effect();
        await run.step?.(name, 'after');
        return value;
      };
      return beginningWithOwnStores<Omit<IntakePorts, 'readPollStart'>>({
        now: () => now,
        remainingMs: run.remainingMs ?? (() => 600_000),
        log: () => undefined,
        parseMessage,
        ownMark: markOfTests,
        openMailbox: () => call('openMailbox', () => worldMailbox(mails, world.validity, call)),
        connections: {
          get: (id) => call('connections.get', () => (connection?.id === id ? structuredClone(connection) : null)),
          list: () => call('connections.list', () => (connection === null ? [] : [structuredClone(connection)])),
          withName: () => Promise.reject(new Error('not used')),
          insert: () => Promise.reject(new Error('not used')),
          save: (changed) =>
            call('connections.save', () => {
              if (connection?.version !== changed.version)
                throw new AppError('stale-version', 'input', 'Changed meanwhile.');
              connection = { ...structuredClone(changed), version: changed.version + 1 };
              return connection;
            }),
          amend: (changed) =>
            call('connections.amend', () => {
              if (connection?.version !== changed.version)
                throw new AppError('stale-version', 'input', 'Changed meanwhile.');
              connection = structuredClone(changed);
            }),
          remove: async () => {
            connection = null;
          },
        },
        cursors: {
          get: () => call('cursors.get', () => world.cursor()),
          getMany: async () => new Map(),
          put: (_id, value) =>
            call('cursors.put', () => {
              if ((world.cursor()?.revision ?? 0) !== value.revision) throw overtaken();
              const saved = { ...value, revision: value.revision + 1 };
              cursor = JSON.stringify(saved);
              return saved;
            }),
          remove: async () => {
            cursor = null;
          },
        },
        receipts: {
          get: (origin) => call('receipts.get', () => known(origin)),
          getMany: (origins) =>
            call('receipts.getMany', () => {
              const found = origins.map((origin) => [origin, known(origin)] as const);
              return new Map(found.flatMap(([origin, one]) => (one === null ? [] : [[origin, one]])));
            }),
          claim: (origin) =>
            call('receipts.claim', () => {
              const found = known(origin);
              if (found !== null) return { won: false, ...found };
              write(origin, { state: 'claimed' });
              return { won: true };
            }),
          takeOver: (origin) =>
            call('receipts.takeOver', () => {
              const last = takeOvers.get(origin);
              if (last !== undefined && now - last < graceMs) return false;
              takeOvers.set(origin, now);
              return true;
            }),
          put: (origin, receipt) => call('receipts.put', () => write(origin, receipt)),
          putMany: (many) =>
            call('receipts.putMany', () => {
              for (const [origin, receipt] of many) write(origin, receipt);
            }),
          release: (origin) =>
            call('receipts.release', () => {
              receipts.delete(origin);
            }),
        },
        activity: {
          record: (entries) =>
            call('activity.record', () => {
              const ids = new Set(entries.map(({ id }) => id));
              if (ids.size !== entries.length) throw new Error('The store takes each key once in a batch.');
              const oldest = now - defaultActivityDays * 86_400_000;
              for (const entry of entries) if (entry.at > oldest) activity.set(entry.id, structuredClone(entry));
            }),
          get: async (id) => activity.get(id) ?? null,
          getMany: (ids) =>
            call('activity.getMany', () => {
              const found = ids.flatMap((id) => activity.get(id) ?? []);
              return new Map(found.map((entry) => [entry.id, structuredClone(entry)]));
            }),
          list: (query) => call('activity.list', () => pageOf([...activity.values()], query)),
          keptDays: () => Promise.reject(new Error('not used')),
          keepDays: () => Promise.reject(new Error('not used')),
          remove: (ids) =>
            call('activity.remove', () => {
              for (const id of ids) activity.delete(id);
            }),
        },
        protocols: {
          get: async (id) => structuredClone(protocols.get(id) ?? { lines: [], cut: false }),
          append: (id, lines) =>
            call('protocols.append', () => {
              const before = protocols.get(id) ?? { lines: [], cut: false };
              protocols.set(id, newestLines({ ...before, lines: [...before.lines, ...lines] }));
            }),
          remove: async (id) => void protocols.delete(id),
        },
        tallies: {
          add: (_id, facts) =>
            call('tallies.add', () => {
              tally = addPoll(tally, facts);
            }),
          getMany: () => Promise.reject(new Error('not used')),
          remove: () => Promise.reject(new Error('not used')),
        },
        jiraPause: worldJiraPause(world, call),
        issues: worldIssues(issues, () => now, lag, call),
      });
    },
  };
  return world;
}
