import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ActivityEntry } from '../../src/domain/activity';
import type { Connection } from '../../src/domain/connection';
import { mailboxIdentity } from '../../src/domain/connection';
import { freshCursor } from '../../src/domain/cursor';
import { largestRawMb, rawPartBytes } from '../../src/domain/limits';
import type { Fetched, Mailbox, PollRequest } from '../../src/domain/ports';
import { activityHandlers } from '../../src/resolvers/activity';
import { activityStore } from '../../src/store/activity';
import { connectionStore } from '../../src/store/connections';
import { cursorStore } from '../../src/store/cursors';
import { systemClock } from '../emulator/clock';
import type { Forge } from '../emulator/forge/forge';
import { activityEntry } from '../support/activity-entry';
import { appCalls } from '../support/app-calls';
import { resolverForge } from '../support/resolver-forge';
import { settingsOf } from '../support/world';

/** The real resolvers and stores on the emulator; only the mailbox is made up. */
let forge: Forge;
const clock = systemClock();
const pushed: PollRequest[] = [];
const inMailbox = new Map<string, Uint8Array>();

function mailbox(): Mailbox {
  const unused = () => Promise.reject(new Error('not used'));
  return {
    check: unused,
    folders: unused,
    estimate: unused,
    begin: unused,
    preview: unused,
    list: unused,
    settle: unused,
    close: async () => undefined,
    fetch: async function* (handles, maxBytes): AsyncGenerator<Fetched> {
      for (const handle of handles) {
        const raw = inMailbox.get(handle);
        if (raw === undefined) yield { handle, outcome: 'gone' };
        else if (raw.byteLength > maxBytes) yield { handle, outcome: 'too-large', size: raw.byteLength };
        else yield { handle, outcome: 'raw', raw };
      }
    },
  };
}

before(async () => {
  const handlers = activityHandlers({
    activity: activityStore(),
    connections: connectionStore(),
    cursors: cursorStore(clock.now),
    openMailbox: async () => mailbox(),
    queue: { push: async (requests) => void pushed.push(...requests) },
    audit: async () => undefined,
    now: clock.now,
  });
  forge = await resolverForge(handlers, clock);
});
after(() => forge.close());

const { call, refusal } = appCalls(() => forge);

let count = 0;
/** A connection whose cursor counts the quarantined ones of its entries. */
async function given(
  changes: Partial<ActivityEntry>[],
  state: Connection['state'] = 'enabled',
): Promise<{ id: string; entries: ActivityEntry[] }> {
  count += 1;
  const id = `c${count}`;
  const settings = settingsOf({ name: id });
  const identity = mailboxIdentity(settings);
  const entries = changes.map((change, index) =>
    activityEntry({
      id: `${id}:${index}`,
      connectionId: id,
      mailbox: identity,
      handle: `${id}.${index}`,
      result: 'quarantined',
      code: 'issue-refused',
      reason: 'Jira refused it.',
      ...change,
    }),
  );
  await forge.run(async () => {
    await connectionStore().insert({ id, version: 1, state, settings, logUntil: 0, createdAt: 1, updatedAt: 1 });
    await activityStore().record(entries);
    const quarantined = entries
      .filter(({ result }) => result === 'quarantined')
      .map(({ handle, at }) => ({ handle, code: 'issue-refused', reason: 'Jira refused it.', at }));
    await cursorStore(clock.now).put(id, { ...freshCursor(identity, null, clock.now()), quarantined });
  });
  return { id, entries };
}

test('lists entries by the filters of the page, without what only the app needs', async () => {
  const { id } = await given([{ result: 'created', issueKey: 'SUP-1' }, {}]);
  const created = await call('activity.list', { connectionId: id, result: 'created' });
  assert.deepEqual(
    created.entries.map((entry) => [entry.issueKey, 'mailbox' in entry]),
    [['SUP-1', false]],
  );
  const entry = await call('activity.get', { id: `${id}:1` });
  assert.equal(entry.reason, 'Jira refused it.');
  assert.equal((await refusal('activity.get', { id: 'nobody' })).code, 'entry-gone');
});

test('asks the connection’s poll to try a quarantined mail again', async () => {
  const { id } = await given([{}]);
  pushed.length = 0;
  assert.deepEqual(await call('activity.reprocess', { id: `${id}:0` }), { asked: 1, more: false });
  assert.deepEqual(pushed, [{ connectionIds: [id], delaySeconds: 0, force: true, reprocess: [`${id}:0`] }]);
});

test('asks for all quarantined mail of a connection, however much there is, and says how much is left', async () => {
  const others = await given([{}]);
  const { id } = await given([
    ...Array.from({ length: 230 }, () => ({})),
    { result: 'created' },
    { result: 'dismissed' },
    { mailbox: 'another' },
  ]);
  pushed.length = 0;
  assert.deepEqual(await call('activity.reprocess', { connectionId: id }), { asked: 230, more: false });
  assert.deepEqual(pushed, [{ connectionIds: [id], delaySeconds: 0, force: true }]);
  const leftOf = async (connectionId: string) => {
    const cursor = await forge.run(() => cursorStore(clock.now).get(connectionId));
    return cursor?.tryAgain?.left;
  };
  assert.deepEqual([await leftOf(id), await leftOf(others.id)], [230, undefined]);
});

test('asks for nothing where all that was given up lies in another mailbox than is read now', async () => {
  const { id } = await given([{ mailbox: 'another' }]);
  pushed.length = 0;
  assert.deepEqual(await call('activity.reprocess', { connectionId: id }), { asked: 0, more: false });
  assert.deepEqual(pushed, []);
});

test('refuses to try again what was not given up, or can not be reached', async () => {
  const { id } = await given([{ result: 'created' }, { mailbox: 'another' }]);
  const disabled = await given([{}], 'disabled');
  pushed.length = 0;
  assert.equal((await refusal('activity.reprocess', { id: `${id}:0` })).code, 'not-quarantined');
  assert.equal((await refusal('activity.reprocess', { id: `${id}:1` })).code, 'other-mailbox');
  assert.equal((await refusal('activity.reprocess', { id: `${disabled.id}:0` })).code, 'not-enabled');
  assert.equal((await refusal('activity.reprocess', { connectionId: 'nobody' })).code, 'connection-gone');
  assert.deepEqual(pushed, []);
});

test('dismisses a quarantined mail: the connection’s status forgets it, the log does not', async () => {
  const { id } = await given([{}, {}]);
  assert.equal((await call('activity.dismiss', { id: `${id}:0` })).result, 'dismissed');
  const cursor = await forge.run(() => cursorStore(clock.now).get(id));
  assert.deepEqual(
    cursor?.quarantined.map(({ handle }) => handle),
    [`${id}.1`],
  );
  assert.equal((await call('activity.get', { id: `${id}:0` })).result, 'dismissed');
  assert.equal((await refusal('activity.dismiss', { id: `${id}:0` })).code, 'not-quarantined');
});

test('dismisses byte-identical copies together, which have one entry', async () => {
  const { id } = await given([{}, {}]);
  await forge.run(async () => {
    const store = cursorStore(clock.now);
    const cursor = await store.get(id);
    assert.ok(cursor !== null);
    const copies = ['a', 'b'].map((handle) => ({ handle, code: 'x', reason: 'y', at: 1, entryId: `${id}:0` }));
    const totals = { ...cursor.totals, givenUp: 4 };
    await store.put(id, { ...cursor, quarantined: [...cursor.quarantined, ...copies], totals });
  });
  await call('activity.dismiss', { id: `${id}:0` });
  const cursor = await forge.run(() => cursorStore(clock.now).get(id));
  assert.deepEqual(
    cursor?.quarantined.map(({ handle }) => handle),
    [`${id}.1`],
  );
  assert.equal(cursor?.totals.dismissed, 3);
});

test('hands out the mail as it is in the mailbox', async () => {
  const { id } = await given([{ size: 4 }]);
  inMailbox.set(`${id}.0`, new Uint8Array([0, 255, 10, 13]));
  const { fileName, base64 } = await call('activity.raw', { id: `${id}:0` });
  assert.match(fileName, /^mail-[\d-]+\.eml$/);
  assert.deepEqual([...Buffer.from(base64, 'base64')], [0, 255, 10, 13]);
});

test('hands out mail in parts that fit into an answer, and says so of one that is larger than any connection takes', async () => {
  const most = largestRawMb * 1024 * 1024;
  const { id } = await given([{ size: most }, { size: most + 1 }, { size: 10 }]);
  for (const [index, size] of [rawPartBytes + 2, most + 1, most + 1].entries()) {
    inMailbox.set(`${id}.${index}`, new Uint8Array(size).fill(7, 0, rawPartBytes).fill(8, rawPartBytes));
  }
  const first = await call('activity.raw', { id: `${id}:0` });
  assert.equal(first.size, rawPartBytes + 2);
  assert.deepEqual(Buffer.from(first.base64, 'base64'), Buffer.alloc(rawPartBytes, 7));
  const second = await call('activity.raw', { id: `${id}:0`, from: rawPartBytes });
  assert.deepEqual([...Buffer.from(second.base64, 'base64')], [8, 8]);
  assert.equal((await refusal('activity.raw', { id: `${id}:1` })).code, 'download-too-large');
  assert.equal((await refusal('activity.raw', { id: `${id}:2` })).code, 'download-too-large', 'sizes are claims');
});

test('says that a mail is gone, and reads no other mailbox in its place', async () => {
  const { id } = await given([{}, { mailbox: 'another', handle: 'foreign' }]);
  inMailbox.set('foreign', new Uint8Array(1));
  assert.equal((await refusal('activity.raw', { id: `${id}:0` })).code, 'mail-gone');
  assert.equal((await refusal('activity.raw', { id: `${id}:1` })).code, 'other-mailbox');
});
