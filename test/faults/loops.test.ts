import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { demoApplications } from '../emulator/local/providers';
import { mailDomain, mailPassword } from '../emulator/mail-server/mail-server';
import { authorized, registered } from '../support/authorized';
import { faultTests } from './matrix';
import { type Stage, startStage } from './stage';

let stage: Stage;
before(async () => {
  stage = await startStage();
});
after(() => stage?.close());

/** Mail that a machine wrote is for people to read, and gets no answer: nothing goes out. */
const neverAnswered = (headers: string) => async () => {
  const inbox = await stage.inbox();
  const before = stage.product.mail.sent().length;
  await inbox.raw(`From: robot@elsewhere.example\r\nSubject: automatic\r\n${headers}\r\nText to ${inbox.user}.\r\n`);
  await inbox.recovers(['automatic']);
  assert.equal(stage.product.mail.sent().length, before);
  assert.doesNotMatch(JSON.stringify(stage.product.forge.usage().egress), /mailer/);
};

/** Sends a test mail through an outgoing connection, and gives back what came out of it. */
async function notification(): Promise<string> {
  const { product } = stage;
  const { id, version } = await product.call('outgoing.create', {
    settings: {
      provider: 'smtp',
      name: `Sender ${product.mail.sent().length}`,
      host: 'localhost',
      port: product.mail.ports.smtps,
      username: `support@${mailDomain}`,
      fromAddress: `support@${mailDomain}`,
      privateCa: product.mail.ca,
    },
    password: mailPassword,
  });
  await product.call('outgoing.enable', { id, version });
  await product.call('outgoing.sendTest', { id, to: 'ada@elsewhere.example' });
  return product.mail.sent().at(-1)?.raw ?? '';
}

faultTests('loops', {
  'automatic reply': neverAnswered('Auto-Submitted: auto-replied\r\n'),
  bounce: neverAnswered('Return-Path: <>\r\nContent-Type: text/plain\r\n'),
  'mail of a list': neverAnswered('List-Id: <all.elsewhere.example>\r\nPrecedence: list\r\n'),

  'our own notification': async () => {
    for (const provider of ['imap', 'pop3'] as const) {
      const raw = await notification();
      const inbox = await stage.inbox({ provider, settings: { afterDownload: 'delete' } });
      const count = stage.product.jira.state.all().length;
      await inbox.raw(`Return-Path: <support@${mailDomain}>\r\n${raw}`);
      await inbox.deliver('a person');
      await inbox.recovers(['a person']);
      assert.equal(stage.product.jira.state.all().length, count + 1);
      assert.equal(await inbox.left(), 1, 'it stays where it is');
      const { entries } = await stage.product.call('activity.list', { connectionId: inbox.id, result: 'skipped' });
      assert.deepEqual(
        entries.map(({ code }) => code),
        ['own-mail'],
      );
      // The control: what is not quite ours is somebody's mail.
      await inbox.raw(raw.replace('It worked', `It failed. Text to ${inbox.user}.`));
      await inbox.recovers(['a person', 'Test mail of Letterbox']);
    }
  },

  'our own notification, sent and read through the account of a provider': async () => {
    const { product } = stage;
    for (const [application, incoming, outgoing, read, send, address] of [
      [demoApplications[0], 'google', 'google', 'gmail', 'gmail-send', 'support@gmail.example'],
      [demoApplications[1], 'microsoft-graph', 'microsoft-graph', 'graph', 'graph-send', 'support@contoso.example'],
    ] as const) {
      const count = product.jira.state.all().length;
      const credentialId = await registered(product, application);
      const account = { credentialId, username: address };
      const { id } = await product.open(
        { provider: incoming, name: `From ${incoming}`, ...account, afterDownload: 'delete' },
        await authorized(product, credentialId, read, address),
      );
      const sender = await product.call('outgoing.create', {
        settings: { provider: outgoing, name: `By ${outgoing}`, ...account, fromAddress: address },
        ...(await authorized(product, credentialId, send, address)),
      });
      await product.call('outgoing.enable', { id: sender.id, version: sender.version });
      await product.call('outgoing.sendTest', { id: sender.id, to: address });
      await product.poll(id);
      const { entries } = await product.call('activity.list', { connectionId: id, result: 'skipped' });
      assert.deepEqual(
        entries.map(({ code }) => code),
        ['own-mail'],
      );
      assert.equal(product.jira.state.all().length, count);
    }
  },

  'ping-pong between two connections': async () => {
    const raw = await notification();
    const [left, right] = [await stage.inbox(), await stage.inbox()];
    const count = stage.product.jira.state.all().length;
    const sent = stage.product.mail.sent().length;
    // Each mailbox forwards to the other what it gets; each time the mail is one line longer.
    let passed = raw;
    for (let round = 1; round <= 6; round += 1) {
      passed = `Received: from there by here; round ${round}\r\n${passed}`;
      const inbox = round % 2 === 0 ? right : left;
      await inbox.raw(passed);
      await inbox.recovers([]);
    }
    assert.equal(stage.product.jira.state.all().length, count);
    assert.equal(stage.product.mail.sent().length, sent);
  },
});
