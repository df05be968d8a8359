import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { createServer, type TlsOptions } from 'node:tls';
import type { CheckReport } from '../../src/domain/ports';
import { imapMailbox } from '../../src/mail/imap/mailbox';
import { pop3Mailbox } from '../../src/mail/pop3/mailbox';
import { smtpMailer } from '../../src/mail/smtp/mailer';
import { type Authority, type Certificate, createAuthority } from '../support/certificates';

/** Security list, point 4: TLS 1.2 at least, the name checked, no way around a certificate, nothing in clear unless allowed. */

const password = 'canary-password';
let folder: string;
let authority: Authority;
let stranger: Authority;
const certificates: Record<string, Certificate> = {};
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letterbox-tls-'));
  authority = await createAuthority(folder);
  stranger = await createAuthority(await mkdtemp(join(folder, 'stranger-')), 'Another authority');
  certificates.valid = await authority.issue('valid');
  certificates.expired = await authority.issue('expired', { days: -1 });
  certificates.otherName = await authority.issue('other-name', { names: ['mail.example.com'] });
  certificates.stranger = await stranger.issue('stranger');
});
after(() => rm(folder, { recursive: true, force: true }));

const greetings = { imap: '* OK ready\r\n', pop3: '+OK ready\r\n', smtp: '220 ready\r\n' } as const;
type Protocol = keyof typeof greetings;

/** A server that greets, and keeps all that it was told once TLS stood. */
async function listen(context: TestContext, protocol: Protocol, options: TlsOptions) {
  const told: string[] = [];
  const server = createServer(options, (socket) => {
    socket.on('error', () => {}).on('data', (data) => told.push(String(data)));
    socket.write(greetings[protocol]);
    setTimeout(() => socket.destroy(), 300).unref();
  }).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => {});
  await new Promise((resolve) => server.once('listening', resolve));
  context.after(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  return { told, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

async function check(protocol: Protocol, port: number, privateCa: string, encryption: 'tls' | 'none' = 'tls') {
  const settings = { encryption, host: 'localhost', port, username: 'alice', timeoutMs: 3_000, privateCa };
  const deps = { resolve: async () => ['127.0.0.1'], allowPlaintext: false };
  const opened = {
    imap: () => imapMailbox({ ...settings, folder: '', largestMailMb: 1 }, { password }, deps),
    pop3: () => pop3Mailbox(settings, { password }, deps),
    smtp: () => smtpMailer(settings, { password }, deps),
  }[protocol]();
  try {
    return await opened.check();
  } finally {
    await opened.close();
  }
}

const failedStep = ({ steps }: CheckReport) => steps.find(({ ok }) => !ok);
const serverOf = (name: string): TlsOptions => {
  const { certificate = '', key = '' } = certificates[name] ?? {};
  return { cert: certificate, key };
};

for (const protocol of ['imap', 'pop3', 'smtp'] as const) {
  for (const [what, name] of [
    ['that has expired', 'expired'],
    ['for another name', 'otherName'],
    ['of an authority that nobody trusts', 'stranger'],
  ] as const) {
    test(`${protocol}: a certificate ${what} ends the connection before the sign-in`, async (t) => {
      const server = await listen(t, protocol, serverOf(name));
      const report = await check(protocol, server.port, authority.certificate);
      assert.equal(failedStep(report)?.step, 'tls', JSON.stringify(report));
      assert.deepEqual(server.told, []);
    });
  }

  test(`${protocol}: a pasted authority is trusted, and only where it is pasted`, async (t) => {
    const server = await listen(t, protocol, serverOf('valid'));
    assert.equal(failedStep(await check(protocol, server.port, ''))?.step, 'tls');
    assert.equal(failedStep(await check(protocol, server.port, stranger.certificate))?.step, 'tls');
    assert.deepEqual(server.told, []);
    await check(protocol, server.port, authority.certificate);
    assert.ok(server.told.length > 0, 'the server is spoken to');
  });

  test(`${protocol}: TLS 1.1 is refused, TLS 1.2 is not`, async (t) => {
    const old = {
      ...serverOf('valid'),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const;
    const server = await listen(t, protocol, old);
    assert.equal(failedStep(await check(protocol, server.port, authority.certificate))?.step, 'tls');
    assert.deepEqual(server.told, []);
    const newer = await listen(t, protocol, { ...serverOf('valid'), maxVersion: 'TLSv1.2' });
    await check(protocol, newer.port, authority.certificate);
    assert.ok(newer.told.length > 0, 'the server is spoken to');
  });

  test(`${protocol}: without encryption nothing is said where the operator did not allow it`, async (t) => {
    const server = await listen(t, protocol, serverOf('valid'));
    const report = await check(protocol, server.port, '', 'none');
    assert.equal(report.ok, false);
    assert.match(failedStep(report)?.message ?? '', /in clear/);
    assert.deepEqual(server.told, []);
  });
}
