import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchAll, isError, mail, rawText } from '../contract/fetched';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { openPop3 } from './pop3-account';

const token = `ya29.${'x'.repeat(700)}`;
/** Tells Dovecot which tokens are good (RFC 7662). */
const introspection = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const active = new URLSearchParams(body).get('token') === token;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(active ? { active: true, email: 'dave' } : { active: false }));
  });
});

let dovecot: Dovecot;
before(async () => {
  introspection.listen(0, '127.0.0.1');
  await once(introspection, 'listening');
  const address = introspection.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const users = ['alice', 'bob', 'carol', 'dave', 'eve', 'frank'];
  dovecot = await startDovecot({
    users: Object.fromEntries(users.map((user) => [user, 'pä "ss'])),
    introspectionUrl: `http://127.0.0.1:${port}/introspect`,
  });
});
after(async () => {
  await dovecot?.stop();
  introspection.closeAllConnections();
  introspection.close();
});

const password = 'pä "ss';
const handles = ({ arrivals }: { arrivals: readonly { handle: string }[] }) => arrivals.map(({ handle }) => handle);

test('a thousand mails of 8-bit text and dot lines come back byte for byte, in pages', async () => {
  const body = Buffer.from(`.\r\n..\r\n.x\r\n${'\xe4\xff\x80 .\r\n'.repeat(100)}`, 'latin1');
  const sent = Array.from({ length: 1_000 }, (_, n) => Buffer.concat([Buffer.from(mail(`mail ${n}`)), body]));
  await dovecot.append('alice', sent);
  const mailbox = openPop3(dovecot, 'tls', 'alice', { password });
  let position: string | null = null;
  let count = 0;
  for (let more = true; more; ) {
    const page = await mailbox.list(position, 300);
    for (const fetched of await fetchAll(mailbox, handles(page))) {
      assert.ok(fetched.outcome === 'raw' && sent[count]?.equals(fetched.raw), `mail ${count}`);
      count += 1;
    }
    ({ position, more } = page);
  }
  assert.equal(count, 1_000);
  assert.deepEqual(await mailbox.list(position, 300), { arrivals: [], position, more: false, reset: false });
  await mailbox.close();
});

test('a mail of 25 MB comes whole, and one above the limit not at all', async () => {
  const lines = randomBytes(13 * 1024 * 1024)
    .toString('hex')
    .replace(/.{76}/g, '$&\r\n');
  await dovecot.append('bob', [mail('large', lines.slice(0, 25 * 1024 * 1024)), mail('small')]);
  const mailbox = openPop3(dovecot, 'tls', 'bob', { password });
  const listing = await mailbox.list(null, 50);
  const [large, small] = await fetchAll(mailbox, handles(listing), 26 * 1024 * 1024);
  assert.ok(rawText(large) === mail('large', lines.slice(0, 25 * 1024 * 1024)));
  assert.equal(rawText(small), mail('small'));
  const outcomes = (await fetchAll(mailbox, handles(listing), 1024 * 1024)).map(({ outcome }) => outcome);
  assert.deepEqual(outcomes, ['too-large', 'raw']);
  await mailbox.close();
});

test('signs in with an access token, and a token that is not good is an access error', async () => {
  await dovecot.append('dave', [mail('by token')]);
  for (const encryption of ['tls', 'starttls'] as const) {
    const mailbox = openPop3(dovecot, encryption, 'dave', { accessToken: token });
    assert.deepEqual((await fetchAll(mailbox, handles(await mailbox.list(null, 5)))).map(rawText), [mail('by token')]);
    await mailbox.close();
    const expired = openPop3(dovecot, encryption, 'dave', { accessToken: 'expired' });
    await assert.rejects(expired.list(null, 5), isError('sign-in-failed', 'access', 'sign-in'));
  }
});

test('a certificate of an unknown authority, and one for another name, are refused', async () => {
  const stranger = openPop3(dovecot, 'tls', 'alice', { password }, { privateCa: '' });
  await assert.rejects(stranger.list(null, 5), isError('certificate-untrusted', 'access', 'tls'));
  const misnamed = openPop3(dovecot, 'starttls', 'alice', { password }, { host: 'pop.example.com' });
  await assert.rejects(misnamed.list(null, 5), isError('certificate-name', 'access', 'tls'));
});

test('TLS is not spoken to a port without it', async () => {
  const mailbox = openPop3(dovecot, 'tls', 'alice', { password }, { port: dovecot.ports.pop3 });
  await assert.rejects(mailbox.list(null, 5), isError('tls-failed', 'access', 'tls'));
});

test('mail that comes while a session is open is listed by the next poll, after the old was deleted', async () => {
  await dovecot.append('carol', [mail('one'), mail('two'), mail('three')]);
  const mailbox = openPop3(dovecot, 'starttls', 'carol', { password });
  const first = await mailbox.list(null, 2);
  await dovecot.append('carol', [mail('four')]);
  await fetchAll(mailbox, handles(first));
  const settled = await mailbox.settle(handles(first), 'delete', '');
  assert.deepEqual(
    settled.map(({ outcome }) => outcome),
    ['settled', 'settled'],
  );
  const second = await mailbox.list(first.position, 50);
  assert.deepEqual((await fetchAll(mailbox, handles(second))).map(rawText), [mail('three'), mail('four')]);
  assert.equal(second.reset, false);
  await mailbox.close();
});

test('a server that went away and came back has lost nothing and doubled nothing', { timeout: 60_000 }, async () => {
  await dovecot.append('eve', [mail('one'), mail('two')]);
  const mailbox = openPop3(dovecot, 'tls', 'eve', { password });
  const { position } = await mailbox.list(null, 50);
  await dovecot.stop({ keep: true });
  await assert.rejects(mailbox.list(position, 50), isError('host-unreachable', 'transient', 'connect'));
  await dovecot.start();
  while (!(await mailbox.check()).ok) await sleep(50);
  assert.deepEqual(await mailbox.list(position, 50), { arrivals: [], position, more: false, reset: false });
  await mailbox.close();
});

test('new ids for the same mail are a reset', async () => {
  await dovecot.append('frank', [mail('one'), mail('two')]);
  const mailbox = openPop3(dovecot, 'tls', 'frank', { password });
  const { position } = await mailbox.list(null, 50);
  await dovecot.doveadm('mailbox', 'update', '--uid-validity', '4242', '-u', 'frank', 'INBOX');
  const listing = await mailbox.list(position, 50);
  assert.deepEqual([listing.arrivals.length, listing.reset], [2, true]);
  await mailbox.close();
});
