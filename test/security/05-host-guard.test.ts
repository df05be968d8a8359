import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { after, before, test } from 'node:test';
import { outgoingSettings } from '../../src/domain/outgoing';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { gatewayMailer } from '../../src/mail/gateway-mailer';
import { startGateway, type TestGateway } from '../support/gateway';
import { scriptedSettings } from '../support/scripted-imap';

/**
 * Security list, point 5: the gateway connects to public addresses and mail ports only, whatever an administrator enters, and
 * says no more than that nobody answers. Which addresses are public: test/gateway/host-guard.test.ts.
 */

let guarded: TestGateway;
let open: TestGateway;
let secret: Server;
let port: number;
let visits = 0;
before(async () => {
  secret = createServer((socket) => {
    visits += 1;
    socket.end('* OK an inner server\r\n');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => secret.once('listening', resolve));
  const address = secret.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  guarded = await startGateway({ allowPrivate: false, allowPlaintext: true, ports: [993, port] });
  open = await startGateway({ allowPrivate: true, allowPlaintext: true, ports: [port] });
});
after(async () => {
  secret?.close();
  await guarded?.stop();
  await open?.stop();
});

const inner = [
  '127.0.0.1',
  'localhost',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '169.254.169.254',
  '10.0.0.1',
  '192.168.1.1',
  '[fd00:ec2::254]',
  '0.0.0.0',
];

async function answerOf(gateway: TestGateway, host: string, to: number): Promise<string> {
  const settings = scriptedSettings(to, { host, timeoutMs: 1_000 });
  const mailbox = gatewayMailbox(gateway.invoke(), settings, { password: 'secret' });
  const { steps } = await mailbox.check();
  const failed = steps.find(({ ok }) => !ok);
  return JSON.stringify([
    failed?.step,
    failed?.message.replaceAll(host.replace(/[[\]]/g, ''), 'HOST').replace(`port ${to}`, 'port N'),
    failed?.detail,
  ]);
}

test('no inner address is connected to, and each is refused in the same words', async () => {
  const answers = new Set<string>();
  for (const host of inner) answers.add(await answerOf(guarded, host, port));
  assert.equal(visits, 0);
  assert.equal(answers.size, 1, [...answers].join('\n'));
  assert.doesNotMatch([...answers].join(), /private|internal|filter|not allowed|forbidden/i);
});

test('a port that is none of mail gets the same words', async () => {
  assert.equal(await answerOf(guarded, '127.0.0.1', 22), await answerOf(guarded, '127.0.0.1', port));
  const other = await answerOf(open, '127.0.0.1', 22);
  assert.match(other, /"(lookup|connect)"/);
});

test('the same server is reached where the operator allows it, so that the refusal is the guard’s', async () => {
  await answerOf(open, '127.0.0.1', port);
  assert.ok(visits > 0);
});

test('what sends is guarded as what reads', async () => {
  const before = visits;
  const smtp = outgoingSettings.parse({
    ...{ provider: 'smtp', name: 'Out', fromAddress: 'a@example.com', encryption: 'none', timeoutMs: 1_000 },
    host: 'localhost',
    port,
  });
  assert.ok(smtp.provider === 'smtp');
  const mailer = gatewayMailer(guarded.invoke(), smtp, { none: true });
  assert.equal((await mailer.check()).ok, false);
  assert.equal(visits, before);
});
