import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { type Product, startProduct } from '../support/product';

/** The log of a connection on real parts: Dovecot, the gateway as a process of its own, the app on the emulator. */
const password = 'canary-Passw0rd';
const users = ['ada', 'ben', 'cleo', 'dan', 'eve'];
let dovecot: Dovecot;
let product: Product;
/** Everything that the app and the gateway wrote to their logs. */
const said: string[] = [];

before(async () => {
  dovecot = await startDovecot({ users: Object.fromEntries(users.map((user) => [user, password])) });
  product = await startProduct({ say: (line) => void said.push(line) });
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

/** Every form in which the password and the mail pass by. */
const leak = /canary|Passw0rd|Y2FuYXJ5|NhbmFyeS|jYW5hcnkt|UGFzc3cwcm|Bhc3N3MHJk|QYXNzdzByZ/i;

async function logged(id: string): Promise<string[]> {
  return (await product.call('connections.protocol', { id })).lines.map(({ text }) => text);
}

async function switchLog(id: string, on = true): Promise<void> {
  const { version } = await product.call('connections.get', { id });
  await product.call('connections.log', { id, version, on });
}

for (const [protocol, user] of [
  ['IMAP', 'ada'],
  ['POP3', 'ben'],
] as const) {
  test(`${protocol}: shows a whole poll from the sign-in on, and neither the password nor anything of a mail`, async () => {
    const isImap = protocol === 'IMAP';
    const settings = isImap ? { afterDownload: 'delete' } : { provider: 'pop3', folder: undefined };
    const port = isImap ? dovecot.ports.imaps : dovecot.ports.pop3s;
    const { id } = await product.connect(dovecot, user, { settings: { ...settings, port }, password });
    await switchLog(id);
    // A session that began before the log is of no use for seeing how it begins.
    if (isImap) await dovecot.doveadm('kick', user);
    await dovecot.append(user, [mail, mail.replace('Canary subject', 'Canary second')]);
    await product.poll(id);

    const lines = await logged(id);
    const text = lines.join('\n');
    assert.doesNotMatch(text, leak);
    assert.equal(lines[0], '# Poll begins: somebody asked for it.');
    assert.match(lines.at(-1) ?? '', /^# Poll ends after \d+ ms: what was there is done\.$/);
    const expected = isImap
      ? [/^C: \w+ (AUTHENTICATE PLAIN|LOGIN) \[hidden\]$/m, /^C: \w+ SELECT INBOX$/m, /BODY\[\] \[5,1\d\d bytes\]/]
      : [/^C: AUTH PLAIN \[hidden\]$/m, /^S: SASL PLAIN/m, /^C: RETR 1$/m, /^S: \[5,1\d\d bytes\]$/m];
    for (const pattern of [/^# Connected to localhost, port \d+\.$/m, ...expected]) assert.match(text, pattern);
    const found = product.summaries().filter((summary) => summary.startsWith('Canary'));
    assert.ok(found.length >= 2, 'the mail did pass by');
  });
}

test('a poll that failed to sign in shows how far it came, and with what it ended', async () => {
  const { id } = await product.connect(dovecot, 'cleo', { password });
  await switchLog(id);
  await dovecot.setPassword('cleo', 'another');
  await product.poll(id);
  const lines = await logged(id);
  assert.match(lines.join('\n'), /\[hidden\]\n[\s\S]*S: \w+ NO \[AUTHENTICATIONFAILED\]/);
  assert.match(lines.at(-1) ?? '', /^# Poll ends after \d+ ms: sign-in-failed\. The mail server refused/);
  assert.doesNotMatch(lines.join('\n'), leak);
  assert.equal((await product.call('connections.get', { id })).status, 'failing');
});

test('a poll that reached nobody shows that', async () => {
  const { id } = await product.connect(dovecot, 'dan', { password });
  const view = await product.call('connections.get', { id });
  assert.ok(view.settings.provider === 'imap');
  await switchLog(id);
  const { connection } = await product.call('connections.update', {
    id,
    version: view.version,
    settings: { ...view.settings, timeoutMs: 3_000 },
  });
  await dovecot.stop({ keep: true });
  try {
    await product.poll(id);
  } finally {
    await dovecot.start();
  }
  const lines = await logged(id);
  assert.match(lines.at(-1) ?? '', /^# Poll ends after \d+ ms: (host-unreachable|connection-lost)\. /);
  const { until } = await product.call('connections.protocol', { id });
  assert.ok(until !== null, 'an edit leaves the log on');
  assert.equal(connection.state, 'enabled');
});

test('an idle poll costs two reads and one write more while the log is on, and nothing once it is off', async () => {
  const { id } = await product.connect(dovecot, 'eve', { start: { from: 'now' }, password });
  await product.poll(id);
  const cost = async () => {
    const { reads, writes } = product.forge.usage().kvs;
    await product.poll(id);
    const after = product.forge.usage().kvs;
    return [after.reads - reads, after.writes - writes];
  };
  const [reads = 0, writes = 0] = await cost();
  await switchLog(id);
  // The connection again, that it is still there, and the lines before.
  assert.deepEqual(await cost(), [reads + 2, writes + 1]);
  await product.forge.advance(15 * 60);
  await product.poll(id);
  const before = (await logged(id)).length;
  assert.deepEqual(await cost(), [reads, writes]);
  assert.equal((await logged(id)).length, before);
});

test('a connection that is deleted takes its log along', async () => {
  const { id, version } = await product.connect(dovecot, 'eve', { settings: { name: 'Gone' }, password });
  await switchLog(id);
  await product.poll(id);
  const stored = () => JSON.stringify(product.forge.storage(`protocol:${id}`));
  assert.match(stored(), /Poll begins/);
  await product.call('connections.delete', { id, version });
  assert.doesNotMatch(stored(), /Poll begins/);
});

test('what a page asks the mailbox for is logged too, with what came of it', async () => {
  const { id, settings } = await product.connect(dovecot, 'ada', { settings: { name: 'Tested' }, password });
  await product.call('connections.test', { id, settings });
  assert.deepEqual(await logged(id), [], 'it was not on yet');
  await switchLog(id);
  assert.ok((await product.call('connections.test', { id, settings })).ok);
  const tested = await logged(id);
  assert.equal(tested[0], '# Request begins: somebody tests the connection, or looks into its mailbox.');
  assert.match(tested.join('\n'), /The gateway is asked: check\n[\s\S]*\[hidden\]/);
  assert.match(tested.at(-1) ?? '', /^# Request ends after \d+ ms: done\.$/);

  const refused = await product.call('connections.test', { id, settings, password: 'canary-wrong' });
  assert.equal(refused.ok, false);
  assert.match((await logged(id)).at(-1) ?? '', /: sign-in failed\. The mail server refused/);
  assert.ok(settings.provider === 'imap');
  await product.call('connections.test', { id, settings: { ...settings, folder: 'Nowhere' } });
  assert.match((await logged(id)).at(-1) ?? '', /: folder failed\. /);
  await product.call('connections.folders', { id, settings });
  const text = (await logged(id)).join('\n');
  assert.match(text, /C: \w+ LIST[\s\S]*# Request ends after \d+ ms: done\.$/);
  assert.doesNotMatch(text, leak);
});

test('the password is in nothing that was stored or written to a log', () => {
  assert.doesNotMatch(said.join('\n'), /Passw0rd/);
  assert.doesNotMatch(JSON.stringify(product.forge.storage('')), /Passw0rd/);
});
