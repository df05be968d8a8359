import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { SettingsOf } from '../../src/domain/connection';
import type { Mailbox } from '../../src/domain/ports';
import { hostGuard } from '../../src/gateway/host-guard';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { imapMailbox } from '../../src/mail/imap/mailbox';
import { fetchAll, isError, mail, rawText } from '../contract/fetched';
import { createAuthority } from '../support/certificates';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { faultProxy } from '../support/fault-proxy';
import { startGateway, type TestGateway } from '../support/gateway';
import { dovecotSettings } from './imap-account';

const deps = { resolve: async () => ['127.0.0.1'], allowPlaintext: false };
const direct = (settings: SettingsOf<'imap'>, password = 'secret') => imapMailbox(settings, { password }, deps);

describe('IMAP with Dovecot', () => {
  let dovecot: Dovecot;
  let gateway: TestGateway;
  before(async () => {
    dovecot = await startDovecot({
      users: { alice: 'secret', bob: 'secret', carol: 'secret', dave: 'secret', erin: 'secret', frank: 'secret' },
    });
    gateway = await startGateway();
  });
  after(async () => {
    await gateway?.stop();
    await dovecot?.stop();
  });

  const both = (changes: Partial<SettingsOf<'imap'>>): Record<string, Mailbox> => {
    const settings = dovecotSettings(dovecot, 'tls', changes);
    return { direct: direct(settings), gateway: gatewayMailbox(gateway.invoke(), settings, { password: 'secret' }) };
  };

  test('2,000 mails are listed in pages and fetched, each of them once', async () => {
    await dovecot.append(
      'bob',
      Array.from({ length: 2_000 }, (_, n) => mail(`mail ${n}`, 'x'.repeat(5_000))),
    );
    for (const [name, mailbox] of Object.entries(both({ username: 'bob' }))) {
      const handles: string[] = [];
      let position: string | null = null;
      for (let more = true; more; ) {
        const page = await mailbox.list(position, 300);
        handles.push(...page.arrivals.map(({ handle }) => handle));
        ({ position, more } = page);
      }
      assert.equal(handles.length, 2_000, name);
      let n = 0;
      for await (const one of mailbox.fetch(handles, 1_000_000))
        assert.match(rawText(one), new RegExp(`^Subject: mail ${n++}\r$`, 'm'));
      assert.equal(n, 2_000, name);
      await mailbox.close();
    }
  });

  test('a mail of 30 MB comes byte for byte, or is too large, as the limit says', async () => {
    const big = mail('big', Array.from({ length: 420_000 }, (_, n) => String(n).padStart(70, '.')).join('\r\n'));
    await dovecot.append('carol', [big]);
    for (const [name, mailbox] of Object.entries(both({ username: 'carol' }))) {
      const handle = (await mailbox.list(null, 5)).arrivals[0]?.handle ?? '';
      const [fetched] = await fetchAll(mailbox, [handle], 50 * 1024 * 1024);
      assert.ok(rawText(fetched) === big, name);
      assert.deepEqual(await fetchAll(mailbox, [handle], 25 * 1024 * 1024), [
        { handle, outcome: 'too-large', size: big.length },
      ]);
      await mailbox.close();
    }
  });

  test('a report names protocol, certificate and expiry', async () => {
    const report = await direct(dovecotSettings(dovecot, 'starttls')).check();
    assert.equal(report.ok, true);
    assert.deepEqual(
      report.steps.map(({ step }) => step),
      ['lookup', 'connect', 'tls', 'sign-in', 'folder', 'count'],
    );
    assert.match(report.steps[2]?.message ?? '', /^TLSv1\.[23], localhost, valid until \d{4}-\d\d-\d\d$/);
  });

  test('a certificate of a private authority needs that authority', async () => {
    for (const encryption of ['tls', 'starttls'] as const) {
      const untrusting = direct(dovecotSettings(dovecot, encryption, { privateCa: '' }));
      await assert.rejects(untrusting.list(null, 5), isError('certificate-untrusted', 'access', 'tls'));
      const report = await untrusting.check();
      assert.deepEqual([report.steps.at(-1)?.step, report.steps.at(-1)?.ok], ['tls', false]);
    }
    const folder = await mkdtemp(join(tmpdir(), 'letterbox-test-'));
    const another = await createAuthority(folder, 'Another authority');
    const mistaken = direct(dovecotSettings(dovecot, 'tls', { privateCa: another.certificate }));
    await assert.rejects(mistaken.list(null, 5), isError('certificate-untrusted', 'access', 'tls'));
    await rm(folder, { recursive: true });
  });

  test('a port without TLS, or with it where STARTTLS is due, is told', async () => {
    const plain = direct(dovecotSettings(dovecot, 'tls', { port: dovecot.ports.imap }));
    await assert.rejects(plain.list(null, 5), isError('tls-failed', 'access', 'tls'));
    const encrypted = direct(dovecotSettings(dovecot, 'starttls', { port: dovecot.ports.imaps, timeoutMs: 500 }));
    await assert.rejects(encrypted.list(null, 5), isError('timeout', 'transient', 'tls'));
  });

  test('an unknown host and a closed port are told apart', async () => {
    const resolve = hostGuard({ allowPrivate: true, ports: null });
    const open = (changes: Partial<SettingsOf<'imap'>>) =>
      imapMailbox(dovecotSettings(dovecot, 'tls', changes), { password: 'secret' }, { resolve, allowPlaintext: false });
    await assert.rejects(
      open({ host: 'nowhere.invalid' }).list(null, 5),
      isError('host-not-found', 'transient', 'lookup'),
    );
    const gone = await faultProxy(dovecot.ports.imaps);
    await gone.stop();
    await assert.rejects(open({ port: gone.port }).list(null, 5), isError('host-unreachable', 'transient', 'connect'));
    await open({}).list(null, 5);
  });

  test('the address that was checked is connected to, and the name is what the certificate is held against', async () => {
    const mailbox = direct(dovecotSettings(dovecot, 'tls', { host: 'mail.example.com' }));
    await assert.rejects(mailbox.list(null, 5), isError('certificate-name', 'access', 'tls'));
  });

  for (const fault of ['cut', 'reset', 'stall', 'drip'] as const) {
    for (const afterBytes of [0, 400, 60_000]) {
      test(`${fault} after ${afterBytes} bytes of a fetch: no part of a message is handed out, and the next try is whole`, async () => {
        const user = 'dave';
        const proxy = await faultProxy(dovecot.ports.imaps);
        const text = mail('whole', 'x'.repeat(100_000));
        const settings = dovecotSettings(dovecot, 'tls', { username: user, port: proxy.port, timeoutMs: 1_000 });
        const mailbox = direct(settings);
        if ((await mailbox.list(null, 5)).arrivals.length === 0) await dovecot.append(user, [text]);
        const handle = (await mailbox.list(null, 5)).arrivals[0]?.handle ?? '';
        proxy.inject(fault, afterBytes);
        await assert.rejects(
          fetchAll(mailbox, [handle]),
          (error: unknown) => Reflect.get(Object(error), 'kind') === 'transient',
        );
        proxy.inject('none');
        assert.ok(rawText((await fetchAll(mailbox, [handle]))[0]) === text);
        await mailbox.close();
        await proxy.stop();
      });
    }
  }

  test('a delete whose reply is cut off is done, once', async () => {
    await dovecot.append('erin', [mail('one'), mail('two')]);
    const proxy = await faultProxy(dovecot.ports.imaps);
    const mailbox = direct(dovecotSettings(dovecot, 'tls', { username: 'erin', port: proxy.port, timeoutMs: 5_000 }));
    const [one] = (await mailbox.list(null, 5)).arrivals;
    proxy.inject('cut', 150);
    setTimeout(() => proxy.inject('none'), 300);
    const settled = await mailbox.settle([one?.handle ?? ''], 'delete', '').catch(() => null);
    proxy.inject('none');
    const again = await mailbox.settle([one?.handle ?? ''], 'delete', '');
    assert.ok(settled?.[0]?.outcome === 'settled' || again[0]?.outcome !== 'refused');
    assert.match(await dovecot.doveadm('mailbox', 'status', '-u', 'erin', 'messages', 'INBOX'), /messages=1/);
    await mailbox.close();
    await proxy.stop();
  });

  test('a server that was restarted is reached again without a word', async () => {
    const [mailbox, remote] = Object.values(both({ username: 'frank' }));
    await mailbox?.list(null, 5);
    await remote?.list(null, 5);
    await dovecot.stop({ keep: true });
    await dovecot.start();
    assert.deepEqual((await mailbox?.list(null, 5))?.arrivals, []);
    assert.deepEqual((await remote?.list(null, 5))?.arrivals, []);
    await mailbox?.close();
  });
});

for (const [what, issue, code] of [
  ['an expired certificate', { days: -1 }, 'certificate-expired'],
  ['a certificate for another name', { names: ['other.example.com'] }, 'certificate-name'],
] as const) {
  test(`${what} is refused`, async () => {
    const dovecot = await startDovecot({ certificate: (authority) => authority.issue('server', issue) });
    try {
      for (const encryption of ['tls', 'starttls'] as const) {
        await assert.rejects(
          direct(dovecotSettings(dovecot, encryption)).list(null, 5),
          isError(code, 'access', 'tls'),
        );
      }
    } finally {
      await dovecot.stop();
    }
  });
}

test('a server with another separator, and everything below INBOX, is named with "/" all the same', async () => {
  const dovecot = await startDovecot({ separator: '.', extra: 'namespace inbox {\n  prefix=INBOX.\n}' });
  try {
    await dovecot.append('alice', [mail('below')], 'INBOX.Support.New');
    const mailbox = direct(dovecotSettings(dovecot, 'tls', { folder: 'Support/New' }));
    assert.equal((await mailbox.list(null, 5)).arrivals.length, 1);
    const folders = await mailbox.folders();
    assert.deepEqual(folders[0], { path: 'INBOX', selectable: true });
    const listed = folders.find(({ path }) => path.endsWith('Support/New'));
    assert.equal(listed?.selectable, true);
    const again = direct(dovecotSettings(dovecot, 'tls', { folder: listed?.path ?? '' }));
    assert.equal((await again.list(null, 5)).arrivals.length, 1, 'a folder can be given as it was listed');
    await mailbox.close();
    await again.close();
  } finally {
    await dovecot.stop();
  }
});

test('in a mailbox that may only be read, mail is fetched, and the refusal to settle says why', async () => {
  const acl = 'mail_plugins = acl\nprotocol imap {\n  mail_plugins = acl imap_acl\n}\nplugin {\n  acl = vfile\n}\n';
  const dovecot = await startDovecot({ extra: acl });
  try {
    await dovecot.append('alice', [mail('kept')]);
    await dovecot.doveadm('acl', 'set', '-u', 'alice', 'INBOX', 'owner', 'lookup', 'read');
    const mailbox = direct(dovecotSettings(dovecot, 'tls'));
    const [arrival] = (await mailbox.list(null, 5)).arrivals;
    const handle = arrival?.handle ?? '';
    assert.equal(rawText((await fetchAll(mailbox, [handle]))[0]), mail('kept'));
    for (const action of ['mark-read', 'delete'] as const)
      assert.equal((await mailbox.settle([handle], action, ''))[0]?.outcome, 'refused');
    assert.match((await mailbox.check()).steps.find(({ step }) => step === 'folder')?.message ?? '', /read-only/);
    assert.match(
      await dovecot.doveadm('mailbox', 'status', '-u', 'alice', 'messages unseen', 'INBOX'),
      /messages=1 unseen=1/,
    );
    await mailbox.close();
  } finally {
    await dovecot.stop();
  }
});
