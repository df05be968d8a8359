import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { AppError } from '../../../src/domain/app-error';
import { outgoingLimits } from '../../../src/domain/limits';
import { composeMail } from '../../../src/mail/compose';
import { type GraphMailerSettings, graphMailer } from '../../../src/mail/graph/graph-mailer';
import { type MailerServer, mailerContract } from '../../contract/mailer-contract';
import { startMicrosoft } from '../../emulator/microsoft/microsoft';
import type { Access } from '../../emulator/provider/api-server';
import { attachment, outgoingMail } from '../../support/outgoing-mail';
import { routedFetch } from '../../support/routed-fetch';

const address = 'desk@contoso.example';
const shared = 'info@contoso.example';
const rawBytes = outgoingLimits.rawBytes['microsoft-graph'];
const own: Access = { mailbox: address, scopes: ['https://graph.microsoft.com/Mail.Send'] };
const withShared: Access = { mailbox: address, scopes: ['Mail.Send.Shared'] };
const app: Access = { mailbox: 'the app', scopes: ['Mail.Send'], application: true };

async function startAccount(access: Access = own) {
  const microsoft = await startMicrosoft({ verify: (token) => (token === 'good' ? access : null) });
  microsoft.addMailbox(address);
  microsoft.addMailbox(shared);
  const open = (changes: Partial<GraphMailerSettings> = {}, token = 'good', url = microsoft.url) =>
    graphMailer(
      {
        mailbox: 'me',
        application: access.application === true,
        host: 'graph.microsoft.com',
        timeoutMs: 10_000,
        ...changes,
      },
      {
        fetch: routedFetch({ 'graph.microsoft.com': url }),
        now: Date.now,
        getAccessToken: async (options) => {
          if (options?.forceRefresh)
            throw new AppError('sign-in-failed', 'access', 'The sign-in was revoked.', { step: 'sign-in' });
          return token;
        },
      },
    );
  return { microsoft, open };
}

mailerContract('Microsoft Graph', async (): Promise<MailerServer> => {
  const { microsoft, open } = await startAccount();
  return {
    address,
    steps: ['connect', 'sign-in'],
    refusesRecipients: false,
    open: (isWrong) => open({}, isWrong ? 'revoked' : 'good'),
    openNowhere: () => open({}, 'good', 'http://127.0.0.1:1'),
    delivered: microsoft.sent,
    refuseRecipient: () => {},
    throttle: (isOn) => {
      microsoft.faults.clear();
      if (isOn) microsoft.faults.add({ match: /sendMail/, kind: 'status', status: 429, retryAfter: '30' });
    },
    stop: () => microsoft.close(),
  };
});

const setUp = async (context: TestContext, access?: Access) => {
  const account = await startAccount(access);
  context.after(() => account.microsoft.close());
  return account;
};
const compose = (from: string) => composeMail(outgoingMail({ from: { name: '', address: from } }), { rawBytes });
const isAccess = (code: string, words: RegExp) => (error: unknown) =>
  error instanceof AppError && error.kind === 'access' && error.code === code && words.test(error.message);

test('a shared mailbox sends for who may send as it, and for nobody else', async (context) => {
  const { microsoft, open } = await setUp(context, withShared);
  const mailer = open({ mailbox: shared });
  const mail = await compose(shared);
  await assert.rejects(mailer.send(mail), isAccess('sender-refused', /Send as/));
  microsoft.grantSendAs(shared, address);
  await mailer.send(mail);
  assert.equal(microsoft.sent()[0]?.envelope.from, shared);
  assert.equal(microsoft.messages(shared)[0]?.folder, 'Sent Items');
});

test('a shared mailbox needs its own permission, which the check finds out', async (context) => {
  const { open } = await setUp(context, own);
  const report = await open({ mailbox: shared }).check();
  assert.equal(report.ok, false);
  assert.match(report.steps.at(-1)?.message ?? '', /Mail\.Send\.Shared/);
});

test('an application sends as the mailbox it names, unless a policy closes that', async (context) => {
  const { microsoft, open } = await setUp(context, app);
  const mailer = open({ mailbox: address });
  assert.equal((await mailer.check()).ok, true);
  const mail = await compose(address);
  await mailer.send(mail);
  microsoft.closeToApps(address);
  await assert.rejects(mailer.send(mail), isAccess('mailbox-access-denied', /access policy/));
  assert.equal((await mailer.check()).ok, false);
  assert.equal(microsoft.sent().length, 1);
});

test('nobody sends as somebody else', async (context) => {
  const { microsoft, open } = await setUp(context);
  await assert.rejects(open().send(await compose('boss@contoso.example')), isAccess('sender-refused', /Send as/));
  assert.deepEqual(microsoft.sent(), []);
});

test('the largest mail that is composed for Graph is taken', async (context) => {
  const { microsoft, open } = await setUp(context);
  const sized = (bytes: number) =>
    composeMail(
      outgoingMail({ from: { name: '', address }, attachments: [attachment({ content: Buffer.alloc(bytes) })] }),
      { rawBytes },
    );
  await assert.rejects(sized(2_300_000), (error) => error instanceof AppError && error.code === 'mail-too-large');
  const mail = await sized(2_200_000);
  await open().send(mail);
  assert.deepEqual(microsoft.sent()[0]?.raw, Buffer.from(mail.raw));
});

test('a failure after the mail was taken leaves open whether it went out, and says so', async (context) => {
  const { microsoft, open } = await setUp(context);
  microsoft.faults.add({ match: /sendMail/, kind: 'status-after', status: 504 }, { match: /sendMail/, kind: 'html' });
  const mail = await compose(address);
  for (let round = 0; round < 2; round++)
    await assert.rejects(
      open().send(mail),
      (error) => error instanceof AppError && error.kind === 'transient' && error.uncertain,
    );
});
