import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pollTimeoutSeconds } from '../../src/domain/limits';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { type Product, startProduct } from '../support/product';

/** A mailbox with years of old mail, on the emulator with all of the platform's limits on. */
const mails = 10_000;
let dovecot: Dovecot;
let product: Product;
let clock: NodeJS.Timeout;

before(async () => {
  dovecot = await startDovecot({ users: { ada: 'secret' } });
  product = await startProduct();
  // Forge's storage takes 4,000 writes a minute, which this is faster than. Its minutes pass sooner between two polls; its limits stay.
  clock = setInterval(() => void product.forge.advance(20), 50);
});
after(async () => {
  clearInterval(clock);
  await product?.close();
  await dovecot?.stop();
});

test('drains all of them in their order, each once, without breaking a limit of the platform', async () => {
  const subjects = Array.from({ length: mails }, (_, index) => `Mail ${index + 1}`);
  await dovecot.append(
    'ada',
    subjects.map((subject) => `From: ada@example.org\r\nSubject: ${subject}\r\n\r\nText\r\n`),
  );
  const { id } = await product.connect(dovecot, 'ada', { settings: { afterDownload: 'delete' } });
  while (product.summaries().length < mails) await product.poll(id);
  // A message whose last step met a limit of the storage waits for its next try.
  for (let round = 0; round < 40 && (await product.call('connections.get', { id })).waiting > 0; round += 1) {
    await product.forge.advance(60);
    await product.poll(id);
  }

  assert.deepEqual(product.summaries(), subjects);
  assert.match(await dovecot.doveadm('mailbox', 'status', '-u', 'ada', 'messages', 'INBOX'), /messages=0/);
  const { status, waiting, quarantined, trouble } = await product.call('connections.get', { id });
  assert.deepEqual(
    { status, waiting, quarantined, trouble },
    { status: 'polling', waiting: 0, quarantined: 0, trouble: null },
  );
  const { count = 0, failures, milliseconds = 0 } = product.forge.usage().invocations.poll ?? {};
  assert.equal(failures, 0);
  assert.ok(milliseconds / count < pollTimeoutSeconds * 1_000);
});
