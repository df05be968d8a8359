import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import { AppError } from '../../../src/domain/app-error';
import type { ComposedMail, Mailer } from '../../../src/domain/mailer';
import { composeMail } from '../../../src/mail/compose';
import { smtpMailer } from '../../../src/mail/smtp/mailer';
import type { SmtpCredentials, SmtpSettings } from '../../../src/mail/smtp/settings';
import { type Authority, type Certificate, createAuthority } from '../../support/certificates';
import { outgoingMail } from '../../support/outgoing-mail';
import { type SmtpScript, scriptedSmtp } from '../../support/scripted-smtp';

export const password = 'hunter2-hunter2';
export let folder: string;
export let authority: Authority;
export let valid: Certificate;
export let mail: ComposedMail;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letterbox-smtp-'));
  authority = await createAuthority(folder);
  valid = await authority.issue('valid');
  mail = await composeMail(outgoingMail(), { rawBytes: 1_000_000 });
});
after(() => rm(folder, { recursive: true, force: true }));

interface Options {
  settings?: Partial<SmtpSettings>;
  credentials?: SmtpCredentials;
  callMs?: number;
  allowPlaintext?: boolean;
}

/** A scripted server, and a mailer for it that a test need not close. */
export async function setUp(context: TestContext, script: SmtpScript, options: Options = {}) {
  const server = await scriptedSmtp(script);
  const log: string[] = [];
  const settings: SmtpSettings = {
    encryption: script.tls?.mode ?? 'none',
    host: 'localhost',
    port: server.port,
    username: 'alice',
    timeoutMs: 5_000,
    privateCa: authority.certificate,
    ...options.settings,
  };
  const mailer: Mailer = smtpMailer(settings, options.credentials ?? { password }, {
    resolve: async () => ['127.0.0.1'],
    allowPlaintext: options.allowPlaintext ?? true,
    callMs: options.callMs ?? 20_000,
    log: (line) => log.push(line),
  });
  context.after(async () => {
    await mailer.close();
    await server.stop();
  });
  return { server, mailer, log };
}

export const tls = (certificate: Certificate, mode: 'tls' | 'starttls' = 'tls') => ({
  cert: certificate.certificate,
  key: certificate.key,
  mode,
});
export const isError = (code: string, kind: string) => (error: unknown) => {
  assert.ok(error instanceof AppError);
  assert.deepEqual([error.code, error.kind], [code, kind], `${error.message} (${error.detail})`);
  return true;
};
export const secrets = [
  password,
  Buffer.from(password).toString('base64'),
  Buffer.from(`\0alice\0${password}`).toString('base64'),
];
export const heardNoSecret = (lines: readonly string[]) =>
  assert.ok(
    !lines.some((line) => /^(auth|mail)\b/i.test(line) || secrets.some((secret) => line.includes(secret))),
    lines.join('\n'),
  );
