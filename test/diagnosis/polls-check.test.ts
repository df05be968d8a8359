import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCheck } from '../../src/diagnosis/run-check';
import type { Connection } from '../../src/domain/connection';
import { type Cursor, freshCursor, type Trouble } from '../../src/domain/cursor';
import { settingsOf } from '../support/world';
import { goodSite } from './ports';

const minute = 60_000;

interface Known {
  /** Minutes ago; null: never. */
  polled: number | null;
  changed?: number;
  isByHand?: boolean;
  trouble?: Trouble | null;
}

async function seen(known: readonly Known[]) {
  const { ports } = goodSite();
  const ago = (minutes: number) => ports.now() - minutes * minute;
  const connections = known.map(({ changed = 1_000 }, index) => connection(`c${index}`, ago(changed)));
  const cursors = known.map(({ polled, isByHand = false, trouble = null }): Cursor => {
    const polledAt = polled === null ? null : ago(polled);
    const asked = isByHand && polledAt !== null ? { at: polledAt, results: {} } : undefined;
    return { ...freshCursor('mailbox', null, ports.now()), polledAt, trouble, asked };
  });
  ports.connections.list = async (state) => {
    assert.equal(state, 'enabled');
    return connections;
  };
  ports.cursors.get = async (id) => cursors[Number(id.slice(1))] ?? null;
  return runCheck('polls', ports);
}

function connection(id: string, updatedAt: number): Connection {
  const settings = settingsOf({ intervalMinutes: 5 });
  return { id, version: 1, state: 'enabled', settings, logUntil: 0, createdAt: updatedAt, updatedAt };
}

const trouble = { code: 'unreachable', kind: 'transient', notBefore: 0 } as Trouble;

test('takes a planned poll that was noted lately for a trigger that runs', async () => {
  const { state, value } = await seen([{ polled: 3 }]);
  assert.deepEqual([state, value], ['good', 'The last poll was noted 3 minutes ago']);
  // A quarter of an hour until an idle poll is noted again, five minutes to its turn, five to the trigger's.
  assert.equal((await seen([{ polled: 25 }])).state, 'good');
});

test('fails when nothing was noted for longer than that', async () => {
  const { state, reason, step } = await seen([{ polled: 26 }, { polled: 300 }]);
  assert.equal(state, 'failed');
  assert.match(`${reason} ${step}`, /every five minutes.*Poll now/);
  assert.equal((await seen([{ polled: null }])).state, 'failed');
});

test('one connection that is polled is enough', async () => {
  assert.equal((await seen([{ polled: 300 }, { polled: 2 }])).state, 'good');
});

test('does not take a poll by hand for the trigger’s', async () => {
  assert.equal((await seen([{ polled: 3, isByHand: true }])).state, 'unknown');
  assert.equal((await seen([{ polled: 30, isByHand: true }])).state, 'failed');
});

test('says that it is not known where nothing can have been noted', async () => {
  assert.equal((await seen([])).value, 'No connection is enabled');
  assert.equal((await seen([{ polled: null, changed: 10 }])).state, 'unknown');
  const troubled = await seen([{ polled: 300, trouble }]);
  assert.equal(troubled.state, 'unknown');
  assert.match(troubled.step ?? '', /what the connections say/);
});
