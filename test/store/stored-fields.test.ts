import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ActivityEntry } from '../../src/domain/activity';
import type { Alert } from '../../src/domain/alert';
import type { Ledger } from '../../src/domain/alert-ports';
import type { Connection } from '../../src/domain/connection';
import type { Credential } from '../../src/domain/credential';
import type { Cursor, Quarantined, Trouble, Waiting } from '../../src/domain/cursor';
import type { Noted } from '../../src/domain/notice';
import type { OutgoingConnection } from '../../src/domain/outgoing';
import type { OutgoingTrouble } from '../../src/domain/outgoing-trouble';
import type { ProtocolLine } from '../../src/domain/protocol';
import type { Receipt } from '../../src/domain/receipt';
import type { StepFacts } from '../../src/domain/steps';
import type { Bucket } from '../../src/domain/tally';
import type { Totals } from '../../src/domain/totals';
import { openSite, type StoredSite } from './stored-site';

/**
 * Every field of every record that version 0.1 stored (test/fixtures/store-0.1), as today's stores read it. Fields are named by
 * today's types: whoever renames one is stopped by the compiler here, has to say what it was called, and fails without a reader.
 * Tried by renaming `hasMore`, `attempts`, `logUntil`, `debugUntil` and `issueKey`, each without a reader.
 */
type Fields<T> = T extends unknown ? keyof T & string : never;
/** Today's name → the name in the store. */
type Names<T> = Partial<Record<Fields<T>, string>>;
const own = <T>(...names: Fields<T>[]) => Object.fromEntries(names.map((name) => [name, name])) as unknown as Names<T>;
type Stored = Record<string, unknown>;

function assertSame<T extends object>(read: T | null | undefined, stored: unknown, names: Names<T>, place: string): T {
  assert.ok(read != null, `${place} is not found`);
  const compared = Object.values(names);
  for (const name of Object.keys(Object(stored))) assert.ok(compared.includes(name), `${place}: nobody reads ${name}`);
  for (const [now, then] of Object.entries(names))
    assert.deepEqual(Reflect.get(read, now), Reflect.get(Object(stored), String(then)), `${place}: ${now}`);
  return read;
}

function assertEach<T extends object>(read: readonly T[], stored: unknown, names: Names<T>, place: string): void {
  const list = stored as Stored[];
  assert.equal(read.length, list.length, place);
  for (const [index, one] of read.entries()) assertSame(one, list[index], names, `${place} ${index}`);
}

const directory = fileURLToPath(new URL('../fixtures/store-0.1', import.meta.url));
const { now } = JSON.parse(readFileSync(`${directory}/now.json`, 'utf8'));
const clock = () => now;
let site: StoredSite;
before(async () => {
  site = await openSite(directory, now);
});
after(() => site?.close());

/** Records by key without the prefix. */
function records(prefix: string): [key: string, value: Stored][] {
  const found = Object.entries(site.forge.storage(prefix)) as [string, Stored][];
  assert.ok(found.length > 0, prefix);
  return found.map(([key, value]) => [key.slice(prefix.length), value]);
}
/** Reads a record of each key with a store, as the code of a function. Loaded here: the emulator's globals have to be there first. */
const reading = (fn: () => Promise<void>) => site.forge.run(fn, { timeoutSeconds: 600 });
/** What indexes see stands on top of a record once more. */
const withoutName = ({ name: _, ...record }: Stored) => record;

const entity = ['id', 'version', 'settings', 'createdAt', 'updatedAt'] as const;

test('connections, with their settings', () =>
  reading(async () => {
    const { connectionStore } = await import('../../src/store/connections');
    const names = own<Connection>(...entity, 'state', 'logUntil', 'accessEndsAt');
    for (const [id, stored] of records('connection/'))
      assertSame(await connectionStore().get(id), withoutName(stored), names, `connection ${id}`);
  }));

test('credentials, with their settings', () =>
  reading(async () => {
    const { credentialStore } = await import('../../src/store/credentials');
    for (const [id, stored] of records('credential/'))
      assertSame(await credentialStore().get(id), withoutName(stored), own<Credential>(...entity), `credential ${id}`);
  }));

test('outgoing connections, with their settings and what is wrong', () =>
  reading(async () => {
    const { outgoingStore } = await import('../../src/store/outgoing');
    const { outgoingTroubleStore } = await import('../../src/store/outgoing-troubles');
    const names = own<OutgoingConnection>(...entity, 'enabled', 'debugUntil', 'accessEndsAt');
    for (const [id, stored] of records('outgoing/'))
      assertSame(await outgoingStore().get(id), withoutName(stored), names, `outgoing ${id}`);
    for (const [id, stored] of records('outgoing-trouble:'))
      assertSame(
        await outgoingTroubleStore().get(id),
        stored,
        own<OutgoingTrouble>('code', 'message', 'since'),
        `trouble of ${id}`,
      );
  }));

const cursorNames = own<Cursor>(
  ...(['revision', 'mailbox', 'position', 'notBefore', 'unreadToo', 'relisting', 'hasMore', 'waiting'] as const),
  ...(['quarantined', 'totals', 'warning', 'polledAt', 'trouble', 'ownEventUntil', 'tryAgain'] as const),
);
const waitingNames = own<Waiting>(
  ...([
    'handle',
    'reason',
    'size',
    'attempts',
    'retryAt',
    'entryId',
    'again',
    'failures',
    'alone',
    'uncounted',
  ] as const),
);
const troubleNames = own<Trouble>('code', 'message', 'detail', 'step', 'since', 'failures', 'notBefore');
const totalsNames = own<Totals>('since', 'taken', 'removed', 'skipped', 'gone', 'givenUp', 'dismissed', 'alone');

test('cursors, with what waits, what was given up, what is wrong and the totals', () =>
  reading(async () => {
    const { cursorStore } = await import('../../src/store/cursors');
    for (const [id, { cursor }] of records('cursor/')) {
      const stored = cursor as Stored;
      const read = assertSame(await cursorStore(clock).get(id), stored, cursorNames, `cursor ${id}`);
      assertEach(read.waiting, stored.waiting, waitingNames, `waiting of ${id}`);
      const quarantinedNames = own<Quarantined>('handle', 'code', 'reason', 'at', 'entryId');
      assertEach(read.quarantined, stored.quarantined, quarantinedNames, `quarantined of ${id}`);
      if (stored.trouble !== null) assertSame(read.trouble, stored.trouble, troubleNames, `trouble of ${id}`);
      assertSame(read.totals, stored.totals, totalsNames, `totals of ${id}`);
    }
  }));

test('receipts of every state', () =>
  reading(async () => {
    const { receiptStore } = await import('../../src/store/receipts');
    const names = own<Receipt>('state', 'issueKey', 'paused', 'noted', 'code', 'reason', 'at');
    const states = new Set<unknown>();
    // Those with a number at their end are of a claim that was taken over.
    for (const [origin, stored] of records('receipt:').filter(([key]) => !/:\d+$/.test(key))) {
      const claim = await receiptStore().claim(origin);
      assert.ok(!claim.won, origin);
      assertSame(claim.receipt, stored, names, `receipt ${origin}`);
      states.add(stored.state);
    }
    assert.deepEqual([...states].sort(), ['claimed', 'created', 'done', 'quarantined', 'skipped']);
  }));

test('the activity log, with the steps of each mail', () =>
  reading(async () => {
    const { activityStore } = await import('../../src/store/activity');
    const stored = records('activity/');
    const read = await activityStore(clock).getMany(stored.map(([id]) => id));
    const names = own<ActivityEntry>(
      ...([
        'id',
        'connectionId',
        'at',
        'result',
        'from',
        'subject',
        'messageId',
        'issueKey',
        'code',
        'reason',
      ] as const),
      ...(['mailbox', 'handle', 'size', 'tookMs', 'by', 'steps', 'triesBefore'] as const),
    );
    const stepNames = own<StepFacts & { at: number; tookMs: number }>(
      ...(['step', 'at', 'tookMs', 'bytes', 'takenOver', 'issueKey', 'files', 'refused', 'action'] as const),
    );
    for (const [id, { entry }] of stored) {
      const one = assertSame(read.get(id), entry, names, `entry ${id}`);
      assertEach(one.steps ?? [], (entry as Stored).steps ?? [], stepNames, `steps of ${id}`);
    }
    assert.equal(await activityStore(clock).keptDays(), 60);
  }));

test('alert rules, and what each has told', () =>
  reading(async () => {
    const { alertStore } = await import('../../src/store/alerts');
    const { ledgerStore } = await import('../../src/store/ledgers');
    const names = own<Alert>(...entity, 'enabled', 'host', 'secretId');
    for (const [id, stored] of records('alert/'))
      assertSame(await alertStore().get(id), withoutName(stored), names, `alert ${id}`);
    const ledgers = records('ledger/');
    const read = await ledgerStore().getMany(ledgers.map(([id]) => id));
    const ledgerNames = own<Ledger>('version', 'noted', 'sendingSince', 'last', 'failures', 'retryAt', 'ruleVersion');
    const notedNames = own<Noted>('topic', 'rank', 'kind', 'subject', 'since', 'toldAt', 'calmSince');
    for (const [id, { content }] of ledgers) {
      const ledger = assertSame(read.get(id), content, ledgerNames, `ledger ${id}`);
      assertEach(ledger.noted, (content as Stored).noted, notedNames, `noted by ${id}`);
    }
  }));

test('tallies, of which each row is a bucket', () =>
  reading(async () => {
    const { tallyStore } = await import('../../src/store/tallies');
    const stored = records('tally:');
    const read = await tallyStore().getMany(stored.map(([id]) => id));
    const asRow = ({ at, polls, pollMs, longestMs, waiting, results }: Bucket) => [
      ...[at / 3_600_000, polls, pollMs, longestMs, waiting],
      results,
    ];
    for (const [id, { hours, quarters }] of stored) {
      assert.deepEqual(read.get(id)?.hours.map(asRow), hours, id);
      assert.deepEqual(read.get(id)?.quarters.map(asRow), quarters, id);
    }
  }));

test('the log of a connection, and how far polls are planned', () =>
  reading(async () => {
    const { protocolStore } = await import('../../src/store/protocols');
    const { planStateStore } = await import('../../src/store/plan-state');
    for (const [id, { lines, cut }] of records('protocol:')) {
      const read = await protocolStore().get(id);
      assertEach(read.lines, lines, own<ProtocolLine>('at', 'text'), `log of ${id}`);
      assert.equal(read.cut, cut);
    }
    assert.deepEqual(await planStateStore().get(), site.forge.storage('plan').plan);
  }));
