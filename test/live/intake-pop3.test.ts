import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { type Product, startProduct } from '../support/product';
import { mail } from '../support/world';

/** POP3 from Dovecot to the issue: through the gateway, with the unmodified app. */
let dovecot: Dovecot;
let product: Product;

before(async () => {
  dovecot = await startDovecot({ users: { ada: 'secret', ben: 'secret', cleo: 'secret' } });
  product = await startProduct({ searchLagMs: 0 });
});
after(async () => {
  await product?.close();
  await dovecot?.stop();
});

const text = (subject: string) => new TextDecoder().decode(mail(subject));
const own = (prefix: string) => product.summaries().filter((summary) => summary.startsWith(prefix));
const connect = (user: string, settings: Record<string, unknown> = {}, start: 'now' | 'everything' = 'everything') =>
  product.connect(dovecot, user, {
    port: dovecot.ports.pop3s,
    start,
    settings: { provider: 'pop3', ...settings },
  });
const left = async (user: string) =>
  /messages=(\d+)/.exec(await dovecot.doveadm('mailbox', 'status', '-u', user, 'messages', 'INBOX'))?.[1];

test('makes one issue of each mail, in order, and leaves the mail where it is', async () => {
  await dovecot.append('ada', ['ada 1', 'ada 2', 'ada 3'].map(text));
  const { id } = await connect('ada');
  assert.deepEqual(own('ada'), ['ada 1', 'ada 2', 'ada 3']);
  await dovecot.append('ada', [text('ada 4')]);
  await product.poll(id);
  await product.poll(id);
  assert.deepEqual(own('ada'), ['ada 1', 'ada 2', 'ada 3', 'ada 4']);
  assert.equal(await left('ada'), '4');
});

test('deletes each mail once its issue is there', async () => {
  await dovecot.append('ben', ['ben 1', 'ben 2'].map(text));
  const { id } = await connect('ben', { afterDownload: 'delete' });
  assert.deepEqual(own('ben'), ['ben 1', 'ben 2']);
  await product.poll(id);
  assert.equal(await left('ben'), '0');
});

test('leaves alone what was there before when it starts from now', async () => {
  await dovecot.append('cleo', [text('cleo old')]);
  const { id } = await connect('cleo', {}, 'now');
  await dovecot.append('cleo', [text('cleo new')]);
  await product.poll(id);
  assert.deepEqual(own('cleo'), ['cleo new']);
});
