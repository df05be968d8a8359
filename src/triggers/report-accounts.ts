import type { Log } from '../domain/ports';
import type { AccountRecord, ReportTime, StoredAccounts } from '../domain/stored-accounts';

/** The cycle in which the platform wants accounts reported (https://developer.atlassian.com/platform/forge/user-privacy-guidelines). */
const cycleMs = 7 * 86_400_000;
/** A daily trigger is never on the second: a report that is due within this time (ms) is made now, and not a day late. */
const earlyMs = 60 * 60_000;
/** The most accounts of one report. */
const batchSize = 90;

export interface ReportPorts {
  /** Every kind of record that names accounts. */
  holders: readonly StoredAccounts[];
  reportTime: ReportTime;
  /** Reports at most 90 accounts; what the platform wants done about them. `updatedAt` as in RFC 3339. */
  report(
    accounts: { accountId: string; updatedAt: string }[],
  ): Promise<readonly { accountId: string; status: 'closed' | 'updated' }[]>;
  /** Epoch milliseconds. */
  now(): number;
  log: Log;
}

/**
 * Once a week reports the Atlassian accounts that are stored, each with the oldest time that it was, and erases those that were
 * closed. Of the others nothing is stored but their id, so that nothing has to be fetched anew where they were updated. A report that
 * is cut short is made again from its beginning the next day. The planner's runs know nothing of it: it has a daily trigger.
 * @throws what the storage or the platform throws
 */
export async function reportAccounts({ holders, reportTime, report, now, log }: ReportPorts): Promise<void> {
  const begun = now();
  const last = await reportTime.get();
  if (last !== null && last <= begun && begun - last < cycleMs - earlyMs) return;

  const oldest = new Map<string, number>();
  for (const holder of holders) {
    for await (const { accountId, at } of recordsOf(holder))
      oldest.set(accountId, Math.min(at, oldest.get(accountId) ?? at));
  }
  // What the products call somebody whom they do not name.
  oldest.delete('unknown');

  const closed = new Set<string>();
  const accounts = [...oldest].map(([accountId, at]) => ({ accountId, updatedAt: new Date(at).toISOString() }));
  for (let start = 0; start < accounts.length; start += batchSize) {
    for (const { accountId, status } of await report(accounts.slice(start, start + batchSize)))
      if (status === 'closed') closed.add(accountId);
  }
  if (closed.size > 0) for (const holder of holders) await eraseFrom(holder, closed);
  await reportTime.put(begun);
  log('info', 'accounts-reported', { accounts: accounts.length, closed: closed.size });
}

async function eraseFrom(holder: StoredAccounts, closed: ReadonlySet<string>): Promise<void> {
  const records: AccountRecord[] = [];
  // All of them first: what is erased while pages are read may move what is on the next one.
  for await (const record of recordsOf(holder)) if (closed.has(record.accountId)) records.push(record);
  for (const record of records) await holder.erase(record);
}

async function* recordsOf(holder: StoredAccounts): AsyncIterable<AccountRecord> {
  let from: string | null = null;
  do {
    const page: Awaited<ReturnType<StoredAccounts['page']>> = await holder.page(from);
    yield* page.records;
    from = page.next;
  } while (from !== null);
}
