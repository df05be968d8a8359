import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { kvs } from '@forge/kvs';
import { graceMs, receiptDaysWhileKept } from '../../src/domain/limits';
import type { Receipt } from '../../src/domain/receipt';
import { keys } from '../../src/store/keys';
import { receiptStore } from '../../src/store/receipts';
import type { Clock } from '../emulator/clock';
import type { Forge } from '../emulator/forge/forge';
import { storageForge } from '../support/storage-forge';

/** Receipts over the real storage package, on the emulator's storage API. */
let forge: Forge;
const dayMs = 86_400_000;
let ahead = 0;
/** Not this process's clock, so that tests can set that one wrong. */
const clock: Clock = {
  now: () => Math.floor(performance.timeOrigin + performance.now() + ahead),
  advance: (milliseconds) => {
    ahead += milliseconds;
  },
};

before(async () => {
  forge = await storageForge(clock);
});
after(() => forge.close());

test('lets exactly one of many claims win', () =>
  forge.run(async () => {
    const store = receiptStore();
    const claims = await Promise.all(Array.from({ length: 20 }, () => store.claim('c:one')));
    assert.equal(claims.filter(({ won }) => won).length, 1);
    const lost = claims.find(({ won }) => !won);
    assert.ok(lost !== undefined && !lost.won);
    assert.equal(lost.receipt.state, 'claimed');
    assert.ok(lost.ageMs >= 0 && lost.ageMs < 60_000);
  }));

test("tells the age of a claim by the store's clock, also when ours is an hour off", () =>
  forge.run(async () => {
    const store = receiptStore();
    await store.claim('c:aged');
    clock.advance(graceMs + 5_000);
    const realNow = Date.now;
    Date.now = () => realNow() - 60 * 60_000;
    try {
      const claim = await store.claim('c:aged');
      assert.ok(!claim.won && claim.ageMs >= graceMs && claim.ageMs < graceMs + 60_000);
    } finally {
      Date.now = realNow;
    }
  }));

test('lets exactly one of many take over a claim, and another one only when that one had its time', () =>
  forge.run(async () => {
    const store = receiptStore();
    await store.claim('c:stale');
    clock.advance(graceMs + 5_000);
    const first = await Promise.all(Array.from({ length: 10 }, () => store.takeOver('c:stale')));
    assert.equal(first.filter(Boolean).length, 1);
    assert.equal(await store.takeOver('c:stale'), false);
    clock.advance(graceMs + 5_000);
    const second = await Promise.all(Array.from({ length: 10 }, () => store.takeOver('c:stale')));
    assert.equal(second.filter(Boolean).length, 1);
  }));

test('lets a claim that was released be won again', () =>
  forge.run(async () => {
    const store = receiptStore();
    await store.claim('c:free');
    await store.release('c:free');
    assert.deepEqual(await store.claim('c:free'), { won: true });
    const noted = clock.now();
    await store.put('c:free', { state: 'done', issueKey: 'SUP-1' });
    const claim = await store.claim('c:free');
    assert.ok(!claim.won);
    assert.deepEqual([claim.receipt, claim.ageMs], [{ state: 'done', issueKey: 'SUP-1' }, 0]);
    assert.ok(claim.notedAt >= noted && claim.notedAt <= clock.now(), 'when the receipt was written, by the store');
  }));

test('asks the store for its time only where a claim may still have an owner', () =>
  forge.run(async () => {
    const store = receiptStore();
    const given = { code: 'x', reason: 'Refused.' };
    const writesOf = async (receipt: Receipt) => {
      await store.put('c:timed', receipt);
      const { writes } = forge.usage().kvs;
      await store.claim('c:timed');
      return forge.usage().kvs.writes - writes;
    };
    const trying = await writesOf({ state: 'done', issueKey: 'SUP-1' });
    assert.equal(await writesOf({ state: 'skipped', ...given }), trying);
    assert.equal(await writesOf({ state: 'quarantined', ...given, at: 1 }), trying);
    assert.equal(await writesOf({ state: 'claimed' }), trying + 1);
  }));

test('keeps a receipt and a claim as long as the platform keeps anything, and tells until when', () =>
  forge.run(async () => {
    const store = receiptStore();
    const done = { state: 'done', issueKey: 'SUP-1' } as const;
    const from = clock.now();
    await store.put('c:done', done);
    await store.putMany(new Map([['c:together', done]]));
    await store.claim('c:claimed');
    await store.takeOver('c:claimed');
    const all = ['c:done', 'c:together', 'c:claimed'];
    for (const origin of all) {
      const endsAt = (await store.get(origin))?.endsAt ?? 0;
      const days = (endsAt - from) / dayMs;
      assert.ok(days > receiptDaysWhileKept - 0.1 && days < receiptDaysWhileKept + 0.1, `${origin} ${days}`);
    }
    clock.advance((receiptDaysWhileKept - 1) * dayMs);
    const states = async () => Promise.all(all.map(async (origin) => (await store.get(origin))?.receipt.state));
    assert.deepEqual(await states(), ['done', 'done', 'claimed']);
    assert.notEqual(await kvs.get(keys.takeOver('c:claimed', 1)), undefined);
    // The platform may take two days more.
    clock.advance(4 * dayMs);
    assert.deepEqual(await states(), [undefined, undefined, undefined]);
    assert.equal(await kvs.get(keys.takeOver('c:claimed', 1)), undefined);
    assert.deepEqual(await store.claim('c:done'), { won: true });
  }));

test('reads many receipts in a call for each 25, with their times, and leaves out what is not there', () =>
  forge.run(async () => {
    const store = receiptStore();
    const names = Array.from({ length: 60 }, (_, index) => `c:many-${index}`);
    const written = new Map(names.slice(0, 55).map((name) => [name, { state: 'done', issueKey: name } as const]));
    await store.putMany(written);
    await store.claim('c:many-56');
    const { reads } = forge.usage().kvs;
    const known = await store.getMany(names);
    assert.equal(forge.usage().kvs.reads - reads, 3);
    assert.deepEqual([...known.keys()].sort(), [...written.keys(), 'c:many-56'].sort());
    for (const origin of ['c:many-0', 'c:many-54', 'c:many-56']) {
      const { ageMs, ...one } = (await store.get(origin)) ?? { ageMs: 0 };
      const { ageMs: age, ...same } = known.get(origin) ?? { ageMs: 0 };
      assert.deepEqual(same, one);
      assert.ok(Math.abs(age - ageMs) < 60_000);
    }
    assert.deepEqual(await store.getMany([]), new Map());
  }));
