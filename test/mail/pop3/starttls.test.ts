import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Authority, type Certificate, createAuthority } from '../../support/certificates';
import { handlesOf, openMailbox, texts } from './open';
import { mail } from './pop3-server';

let folder: string;
let authority: Authority;
let certificate: Certificate;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letterbox-pop3-'));
  authority = await createAuthority(folder);
  certificate = await authority.issue('server');
});
after(() => rm(folder, { recursive: true, force: true }));

const starttls = () => ({ encryption: 'starttls' as const, privateCa: authority.certificate });
const hasSecret = (commands: readonly string[]) => commands.some((command) => /^(USER|PASS|AUTH)/.test(command));

test('reads mail over STLS, and asks again what the server can do', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: [mail('a')], certificate }, starttls());
  assert.equal((await texts(mailbox, await handlesOf(mailbox))).length, 1);
  assert.deepEqual(server.commands.slice(0, 3), ['CAPA', 'STLS', 'CAPA']);
  const report = await mailbox.check();
  assert.deepEqual(
    report.steps.map(({ step }) => step),
    ['lookup', 'connect', 'tls', 'sign-in', 'folder', 'count'],
  );
  assert.match(report.steps[2]?.message ?? '', /^TLSv1\.3, localhost, valid until 20/);
});

test('a capability that was said in clear is not believed', async (t) => {
  const { server, mailbox } = await openMailbox(
    t,
    { mails: [mail('a'), mail('b')], certificate, capabilities: ['TOP', 'UIDL', 'USER'] },
    starttls(),
  );
  server.script = (command, _visit, usual) =>
    command === 'CAPA' && server.commands.filter((one) => one === 'CAPA').length === 1
      ? usual().toString().replace('TOP', 'PIPELINING')
      : undefined;
  await texts(mailbox, await handlesOf(mailbox));
  assert.equal(server.mostAtOnce, 1);
});

test('data between the answer to STLS and the handshake is refused, and nothing is sent', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: [mail('a')], certificate }, starttls());
  server.script = (command) => (command === 'STLS' ? '+OK begin\r\n+OK injected\r\n' : undefined);
  await assert.rejects(mailbox.list(null, 5), { code: 'starttls-injection', kind: 'access', step: 'tls' });
  assert.ok(!hasSecret(server.commands));
});

for (const [what, script] of [
  ['not offered', (command: string) => (command === 'CAPA' ? '+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n' : undefined)],
  ['refused', (command: string) => (command === 'STLS' ? '-ERR no\r\n' : undefined)],
] as const) {
  test(`where STLS is ${what}, the password is not sent`, async (t) => {
    const { server, mailbox } = await openMailbox(t, { certificate }, starttls());
    server.script = script;
    await assert.rejects(mailbox.list(null, 5), { code: 'starttls-missing', kind: 'access', step: 'tls' });
    assert.ok(!hasSecret(server.commands));
  });
}

test('a server that answers STLS and then speaks in clear gets no password', async (t) => {
  const { server, mailbox } = await openMailbox(t, {}, starttls());
  server.script = (command, visit) => {
    if (command !== 'STLS') return command === 'CAPA' ? '+OK\r\nSTLS\r\n.\r\n' : undefined;
    setTimeout(() => visit.socket.write('+OK not TLS at all\r\n'), 50);
    return '+OK begin\r\n';
  };
  await assert.rejects(mailbox.list(null, 5), { step: 'tls' });
  assert.ok(!hasSecret(server.commands));
});

test('a certificate for another name, an expired one, and one of an unknown authority are each named', async (t) => {
  const cases: [Certificate, string, string][] = [
    [await authority.issue('other', { names: ['other.example'] }), authority.certificate, 'certificate-name'],
    [await authority.issue('old', { days: -1 }), authority.certificate, 'certificate-expired'],
    [certificate, '', 'certificate-untrusted'],
  ];
  for (const [served, privateCa, code] of cases) {
    const { server, mailbox } = await openMailbox(t, { certificate: served }, { ...starttls(), privateCa });
    await assert.rejects(mailbox.list(null, 5), { code, kind: 'access', step: 'tls' });
    assert.ok(!hasSecret(server.commands));
  }
});
