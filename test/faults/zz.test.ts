import { after, before, test } from 'node:test';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { type Product, startProduct } from '../support/product';
import { callCounter, monotonicClock, type Sweep, sweepOver } from '../support/sweep';
let dovecot: Dovecot; let product: Product; let sweep: Sweep; let id = '';
const labels: string[] = [];
before(async () => {
  const calls = callCounter();
  dovecot = await startDovecot({ users: { ada: 'secret' } });
  product = await startProduct({ searchLagMs: 60_000, clock: monotonicClock(), observe: ({functionKey,label}) => { calls.count += 1; labels.push(`${functionKey} ${label}`); } });
  id = (await product.connect(dovecot, 'ada', { settings: { afterDownload: 'delete' } })).id;
  const left = async () => Number(/messages=(\d+)/.exec(await dovecot.doveadm('mailbox', 'status', '-u', 'ada', 'messages', 'INBOX'))?.[1]);
  sweep = sweepOver({ product, connectionId: id, deliver: (raws) => dovecot.append('ada', raws), left, copiesAreOne: true }, calls);
});
after(async () => { await product?.close(); await dovecot?.stop(); });
test('x', async () => {
  for (let n = 0; n < 30; n += 1) {
  await sweep.refill();
  labels.length = 0;
  await sweep.twoPolls(10, { when: 'after', kind: 'kill' });
  const mid = JSON.stringify(product.forge.storage(''), null, 1);
  labels.push('--- settle');
  try { await sweep.settle('x'); } catch (e) { console.log(labels.join('\n')); console.log(mid); console.log(JSON.stringify(product.forge.storage('cursor')), String(e)); throw e; }
  }
});
