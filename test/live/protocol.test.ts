import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { protocolMs } from '../../src/domain/protocol';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { type Product, startProduct } from '../support/product';

/** The log of a connection on real parts: Dovecot, the gateway as a process of its own, the app on the emulator. */
const password = 'canary-Passw0rd';
let dovecot: Dovecot;
let product: Product;

before(async () => {
  dovecot = await startDovecot({ users: Object.fromEntries(['ada', 'ben', 'cleo'].map((user) => [user, password])) });
  product = await startProduct();
});
after(async () => {
  await product?.close();
  await dovecot?.stop();
});

const mail = [
  'From: Canary Sender <canary-sender@example.org>',
  'To: canary-recipient@example.com',
  'Subject: Canary subject',
  'Message-ID: <canary-message@example.org>',
  '',
  `Canary body. ${'x'.repeat(5_000)}`,
  '',
].join('\r\n');

async function logged(id: string): Promise<string[]> {
  const { lines } = await product.call('connections.protocol', { id });
  return lines.map(({ text }) => text);
}

async function switchOn(id: string): Promise<void> {
  const { version } = await product.call('connections.get', { id });
  await product.call('connections.log', { id, version, on: true });
}

for (const [protocol, settings, user] of [
  ['IMAP', {}, 'ada'],
  ['POP3', { provider: 'pop3', folder: undefined }, 'ben'],
] as const) {
  test(`${protocol}: shows what was said from the sign-in on, and nothing of mails and secrets`, async () => {
    const port = protocol === 'POP3' ? dovecot.ports.pop3s : dovecot.ports.imaps;
    const { id } = await product.connect(dovecot, user, { settings: { ...settings, port }, password });
    await switchOn(id);
    await dovecot.append(user, [mail]);
    await product.poll(id);
    const lines = await logged(id);
    assert.doesNotMatch(lines.join('\n'), /canary/i);
    assert.equal(protocolMs, 900_000);
  });
}
