import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { AppError } from '../../../src/domain/app-error';
import { outgoingLimits } from '../../../src/domain/limits';
import { composeMail } from '../../../src/mail/compose';
import { gmailMailer } from '../../../src/mail/gmail/gmail-mailer';
import { type MailerServer, mailerContract } from '../../contract/mailer-contract';
import { startGoogle } from '../../emulator/google/google';
import type { ApiFault } from '../../emulator/provider/faults';
import { attachment, outgoingMail } from '../../support/outgoing-mail';
import { routedFetch } from '../../support/routed-fetch';

const address = 'support@gmail.example';
const sendScope = 'https://www.googleapis.com/auth/gmail.send';

async function startAccount(scopes = [sendScope], timeoutMs = 10_000) {
  const google = await startGoogle({
    verify: (token) => (token === 'good' ? { mailbox: address, scopes } : null),
  });
  const open = (token = 'good', url = google.url) =>
    gmailMailer(
      { timeoutMs },
      {
        fetch: routedFetch({ 'gmail.googleapis.com': url }),
        now: Date.now,
        getAccessToken: async (options) => {
          if (options?.forceRefresh)
            throw new AppError('sign-in-failed', 'access', 'The sign-in was revoked.', { step: 'sign-in' });
          return token;
        },
      },
    );
  return { google, open };
}

mailerContract('Gmail', async (): Promise<MailerServer> => {
  const { google, open } = await startAccount();
  return {
    address,
    steps: ['connect', 'sign-in'],
    refusesRecipients: false,
    open: (isWrong) => open(isWrong ? 'revoked' : 'good'),
    openNowhere: () => open('good', 'http://127.0.0.1:1'),
    delivered: google.sent,
    refuseRecipient: () => {},
    throttle: (isOn) => {
      google.faults.clear();
      if (isOn) google.faults.add({ match: /messages\/send/, kind: 'status', status: 429, retryAfter: '30' });
    },
    stop: () => google.close(),
  };
});

const setUp = async (context: TestContext, scopes?: string[], timeoutMs?: number) => {
  const account = await startAccount(scopes, timeoutMs);
  context.after(() => account.google.close());
  const mail = await composeMail(outgoingMail({ from: { name: '', address } }), {
    rawBytes: outgoingLimits.rawBytes.google,
  });
  return { ...account, mail };
};

test('a sign-in that may read but not send is found by the check, and by no mail', async (context) => {
  const { google, open } = await setUp(context, ['https://www.googleapis.com/auth/gmail.readonly']);
  const report = await open().check();
  assert.equal(report.ok, false);
  assert.match(report.steps.at(-1)?.message ?? '', /gmail\.send/);
  assert.deepEqual(google.sent(), []);
});

test('a large mail goes out too', async (context) => {
  const { google, open } = await setUp(context);
  const content = Buffer.alloc(6 * 1024 * 1024, 'x');
  const mail = await composeMail(
    outgoingMail({ from: { name: '', address }, attachments: [attachment({ content })] }),
    { rawBytes: outgoingLimits.rawBytes.google },
  );
  await open().send(mail);
  assert.deepEqual(google.sent()[0]?.raw, Buffer.from(mail.raw));
});

for (const [what, fault] of [
  ['a connection that breaks', { kind: 'reset' }],
  ['an answer that is cut', { kind: 'half-json' }],
  ["a proxy's page", { kind: 'html' }],
  ['a failure after the mail was taken', { kind: 'status-after', status: 504 }],
] as [string, Pick<ApiFault, 'kind' | 'status'>][]) {
  test(`${what} leaves open whether the mail went out, and says so`, async (context) => {
    const { google, open, mail } = await setUp(context);
    google.faults.add({ match: /messages\/send/, ...fault });
    await assert.rejects(
      open().send(mail),
      (error) => error instanceof AppError && error.kind === 'transient' && error.uncertain,
    );
    assert.equal(google.calls.filter(({ path }) => path.includes('/send')).length, 1, 'sent once');
  });
}

test('an account without Gmail is a matter of access, in check and send', async (context) => {
  const { google, open, mail } = await setUp(context);
  const body = {
    error: {
      code: 400,
      message: 'Mail service not enabled',
      status: 'FAILED_PRECONDITION',
      errors: [{ reason: 'failedPrecondition', message: 'Mail service not enabled' }],
    },
  };
  google.faults.add({ match: /send/, kind: 'status', status: 400, body, times: 2 });
  assert.equal((await open().check()).ok, false);
  await assert.rejects(open().send(mail), (error) => error instanceof AppError && error.code === 'no-mailbox');
});
