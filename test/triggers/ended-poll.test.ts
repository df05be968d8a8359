import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Cursor } from '../../src/domain/cursor';
import { keys } from '../../src/store/keys';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { type Product, startProduct } from '../support/product';
import { mail } from '../support/world';

/** What the app does when the platform ends a poll, and delivers its event once more. */
let dovecot: Dovecot;
let product: Product;

before(async () => {
  [dovecot, product] = await Promise.all([startDovecot({ users: { ada: 'secret' } }), startProduct()]);
});
after(async () => {
  await product?.close();
  await dovecot?.stop();
});

test('takes what may have ended a poll alone as soon as its event comes again, and in the end takes it', async () => {
  const { id } = await product.connect(dovecot, 'ada');
  await dovecot.append('ada', [mail('one'), mail('two')]);
  // The poll of both, and the one of the first alone.
  product.forge.setFaults([{ match: 'mailbox/fetch', when: 'before', kind: 'kill', times: 2 }]);
  await product.poll(id);
  await product.forge.advance(45);
  assert.deepEqual(product.summaries(), ['two']);
  const stored = product.forge.storage(`${keys.cursorEntity}/${id}`)[`${keys.cursorEntity}/${id}`];
  const { cursor } = stored as { cursor: Cursor };
  assert.deepEqual(
    cursor.waiting.map(({ alone, attempts }) => ({ alone, attempts })),
    [{ alone: true, attempts: 1 }],
  );
  await product.forge.advance(120);
  await product.poll(id);
  assert.deepEqual(product.summaries(), ['two', 'one']);
});
