import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { graceMs } from '../../src/domain/limits';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { type Product, startProduct } from '../support/product';
import {
  callCounter,
  fewestCalls,
  monotonicClock,
  type Sweep,
  sweepOver,
  sweepTests,
  withClockOff,
} from '../support/sweep';

/** Polls of IMAP, broken at every call of the platform: alone, in pairs, side by side, and with a clock that is wrong. */
let dovecot: Dovecot;
let product: Product;
let sweep: Sweep;
let connectionId: string;

before(async () => {
  const calls = callCounter();
  dovecot = await startDovecot({ users: { ada: 'secret' } });
  product = await startProduct({ searchLagMs: 60_000, clock: monotonicClock(), observe: calls.observe });
  const { id } = await product.connect(dovecot, 'ada', { settings: { afterDownload: 'delete' } });
  connectionId = id;
  const left = async () =>
    Number(/messages=(\d+)/.exec(await dovecot.doveadm('mailbox', 'status', '-u', 'ada', 'messages', 'INBOX'))?.[1]);
  const deliver = (raws: readonly Uint8Array[]) => dovecot.append('ada', raws);
  sweep = sweepOver({ product, connectionId: id, deliver, left, copiesAreOne: true }, calls);
});
after(async () => {
  await product?.close();
  await dovecot?.stop();
});

const kill = (when: 'before' | 'after') => ({ when, kind: 'kill' }) as const;
const hour = 60 * 60_000;

sweepTests('IMAP', () => sweep);

test('loses and doubles nothing when the poll that takes over is killed too', async () => {
  const count = await sweep.everywhere('killed, and then again further on', async (at) => {
    const isBroken = await sweep.poll(at, kill('before'));
    await product.forge.advance(graceMs / 1_000 + 1);
    await sweep.poll(1 + ((at * 7) % 25), kill('after'));
    return isBroken;
  });
  assert.ok(count >= fewestCalls, String(count));
});

test('loses and doubles nothing when two polls run at once and one is killed anywhere', async () => {
  const count = await sweep.everywhere('two at once, one killed', (at) => sweep.twoPolls(at, kill('after')));
  // How much of the work both do depends on which of them is faster; together they do at least what one does alone.
  assert.ok(count >= fewestCalls, String(count));
});

for (const [what, off] of [
  ['an hour ahead', hour],
  ['an hour behind', -hour],
] as const) {
  test(`loses and doubles nothing when the clock of the poll after a killed one is ${what}`, async () => {
    await sweep.everywhere(`killed, then a clock ${what}`, async (at) => {
      const isBroken = await sweep.poll(at, kill('after'));
      // At once, and it gets to the mail: by its own clock the claim is old, and Jira's search does not know yet what was made.
      await withClockOff(off, () => sweep.poll(null));
      assert.equal((await product.call('connections.get', { id: connectionId })).trouble, null);
      return isBroken;
    });
  });
}

test('finds a poll that makes an issue again to be wrong: the sweep can fail', async () => {
  await sweep.refill();
  await sweep.poll(null);
  const [first] = product.jira.state.all().slice(-1);
  assert.ok(first);
  product.jira.state.save({ ...first, id: '99999', number: 99_999 });
  await assert.rejects(sweep.settle('control'), /lost or doubled/);
});
