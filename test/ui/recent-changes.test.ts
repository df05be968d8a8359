import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recentChanges } from '../../static/shared/recent-changes';

const view = (id: string, version: number, name = id) => ({ id, version, settings: { name } });
const list = (...views: unknown[]) => views as never;
let now = 0;
const withChanges = () => {
  now = 1_000;
  const changes = recentChanges(() => now);
  const merged = (...views: unknown[]) => changes.merged('connections.list', {}, list(...views)) as unknown;
  return { changes, merged };
};

test('what was saved is in the list, by its name, until the list has it or something newer', () => {
  const { changes, merged } = withChanges();
  changes.note('connections.create', {}, view('m', 1));
  changes.note('connections.update', {}, { connection: view('z', 4, 'b'), report: null });
  assert.deepEqual(merged(view('a', 1), view('z', 3)), [view('a', 1), view('z', 4, 'b'), view('m', 1)]);
  assert.deepEqual(merged(view('a', 1), view('m', 1), view('z', 5)), [view('a', 1), view('m', 1), view('z', 5)]);
  assert.deepEqual(merged(view('a', 1)), [view('a', 1)], 'somebody else deleted them');
});

test('what was deleted stays hidden; what somebody else deleted is not shown for good', () => {
  const { changes, merged } = withChanges();
  changes.note('connections.create', {}, view('a', 1));
  changes.note('connections.delete', { id: 'a', version: 1 }, null);
  assert.deepEqual(merged(view('a', 1)), []);
  changes.note('connections.create', {}, view('b', 1));
  assert.deepEqual(merged(), [view('b', 1)]);
  now += 6 * 60_000;
  assert.deepEqual(merged(), []);
});

test('each list has its own; what is only read is no change', () => {
  const { changes, merged } = withChanges();
  changes.note('outgoing.create', {}, view('o', 1));
  changes.note('credentials.update', {}, view('c', 2));
  changes.note('alerts.disable', {}, view('r', 3));
  changes.note('connections.get', {}, view('a', 9));
  assert.deepEqual(merged(), []);
  assert.deepEqual(changes.merged('outgoing.list', {}, list()), [view('o', 1)]);
  const credentials = { credentials: list(view('c', 1)), callbackUrl: 'u' };
  assert.deepEqual(changes.merged('credentials.list', {}, credentials).credentials, [view('c', 2)]);
  const alerts = { alerts: list(view('r', 2)), incidents: [] };
  assert.deepEqual(changes.merged('alerts.list', {}, alerts).alerts, [view('r', 3)]);
});

test('mail that was dismissed is dismissed in the log, and gone from the quarantine', () => {
  const { changes } = withChanges();
  const entry = (result: string, at: number) => ({ id: 'e', result, at });
  changes.note('activity.dismiss', { id: 'e' }, entry('dismissed', 7));
  const page = (result: string, at: number) => ({
    entries: list(entry(result, at)),
    cursor: null,
    searchedUntil: null,
  });
  assert.deepEqual(changes.merged('activity.list', {}, page('quarantined', 5)).entries, [entry('dismissed', 7)]);
  assert.deepEqual(changes.merged('activity.list', { result: 'quarantined' }, page('quarantined', 5)).entries, []);
  const later = page('quarantined', 9);
  assert.deepEqual(changes.merged('activity.list', { result: 'quarantined' }, later).entries, later.entries);
});
