import { after, before } from 'node:test';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { type Product, startProduct } from '../support/product';
import { callCounter, type Sweep, sweepOver, sweepTests } from '../support/sweep';

/** Polls of POP3, broken at every call of the platform. */
let dovecot: Dovecot;
let product: Product;
let sweep: Sweep;

before(async () => {
  const calls = callCounter();
  dovecot = await startDovecot({ users: { ada: 'secret' } });
  product = await startProduct({ searchLagMs: 60_000, observe: calls.observe });
  const { id } = await product.connect(dovecot, 'ada', {
    port: dovecot.ports.pop3s,
    settings: { provider: 'pop3', afterDownload: 'delete' },
  });
  const left = async () =>
    Number(/messages=(\d+)/.exec(await dovecot.doveadm('mailbox', 'status', '-u', 'ada', 'messages', 'INBOX'))?.[1]);
  const deliver = (raws: readonly Uint8Array[]) => dovecot.append('ada', raws);
  sweep = sweepOver({ product, connectionId: id, deliver, left, copiesAreOne: true }, calls);
});
after(async () => {
  await product?.close();
  await dovecot?.stop();
});

sweepTests('POP3', () => sweep);
