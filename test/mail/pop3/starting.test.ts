import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Start } from '../../../src/domain/start';
import { pop3Limits } from '../../../src/mail/pop3/limits';
import { isError } from '../../contract/fetched';
import { openMailbox, texts } from './open';
import type { StoredMail } from './pop3-server';

const day = 24 * 60 * 60_000;
const since = Date.UTC(2026, 10, 10);
const start: Start = { from: 'since', since };

/** A mail that came so many days after the start; null: nothing in it tells when. */
function mail(id: string, days: number | null): StoredMail {
  const date = days === null ? 'soon' : new Date(since + days * day).toUTCString().replace('GMT', '+0000');
  return { id, raw: `Received: from a by b; ${date}\r\nFrom: Ann <ann@example.com>\r\nSubject: ${id}\r\n\r\ntext\r\n` };
}

const subjectsOf = (found: readonly string[]) => found.map((text) => /^Subject: (.*)\r$/m.exec(text)?.[1] ?? text);

test('dates are asked for ahead, nothing is downloaded, and the mailbox is free again at once', async (t) => {
  const mails = Array.from({ length: 300 }, (_, index) => mail(`id${index}`, index % 2 === 0 ? -1 : 1));
  const { server, mailbox } = await openMailbox(t, { mails });
  assert.equal((await mailbox.estimate(start)).count, 150);
  await mailbox.begin(start);
  assert.equal(server.commands.filter((command) => command === 'QUIT').length, 2);
  assert.ok(server.mostAtOnce > 20, `${server.mostAtOnce} commands at once`);
  assert.ok(!server.commands.some((command) => command.startsWith('RETR')));
});

test('mail of which nobody can tell when it came counts as newer, and that is said', async (t) => {
  const mails = [mail('old', -5), mail('undated', null), mail('new', 1), mail('old too', -1)];
  const { mailbox } = await openMailbox(t, { mails });
  const { count, confidence, reason } = await mailbox.estimate(start);
  assert.deepEqual([count, confidence], [2, 'estimate']);
  assert.match(reason ?? '', /^One message does not tell/);
  const { arrivals } = await mailbox.list(await mailbox.begin(start), 50);
  assert.deepEqual(
    subjectsOf(
      await texts(
        mailbox,
        arrivals.map(({ handle }) => handle),
      ),
    ),
    ['undated', 'new'],
  );
});

test('the rest of what was wanted is listed by a later session, whatever was deleted meanwhile', async (t) => {
  const mails = [-3, 1, -2, 2, -1, 3, 4].map((days, index) => mail(`id${index}`, days));
  const { server, mailbox } = await openMailbox(t, { mails });
  const first = await mailbox.list(await mailbox.begin(start), 2);
  assert.deepEqual([first.arrivals.length, first.more], [2, true]);
  await mailbox.close();
  server.mails.splice(0, 1);
  server.mails = server.mails.filter(({ id }) => id !== 'id5');
  server.mails.push(mail('late', -9));
  const rest = await mailbox.list(first.position, 50);
  const handles = rest.arrivals.map(({ handle }) => handle);
  assert.deepEqual(subjectsOf(await texts(mailbox, handles)), ['id6', 'late']);
  assert.deepEqual([rest.more, rest.reset], [false, false]);
});

test('a server that shows no headers, and a mailbox with too many, can’t begin at a date, but now', async (t) => {
  const few = await openMailbox(t, {
    mails: [mail('one', 1)],
    capabilities: ['UIDL', 'USER'],
    script: (command) => (command.startsWith('TOP') ? '-ERR what?\r\n' : undefined),
  });
  const many = await openMailbox(t, {
    mails: Array.from({ length: pop3Limits.datedByHeader + 1 }, (_, index) => mail(`id${index}`, 1)),
  });
  for (const [{ mailbox }, why] of [
    [few, /TOP/],
    [many, /5,000 messages at most; this mailbox holds 5,001/],
  ] as const) {
    const estimate = await mailbox.estimate(start);
    assert.deepEqual([estimate.count, estimate.available], [null, false]);
    assert.match(estimate.reason ?? '', why);
    await assert.rejects(mailbox.begin(start), isError('start-unavailable', 'input'));
    assert.deepEqual((await mailbox.list(await mailbox.begin({ from: 'now' }), 50)).arrivals, []);
  }
  assert.ok(!many.server.commands.some((command) => command.startsWith('TOP')));
});

test('a preview leaves out a message whose header the server keeps to itself', async (t) => {
  const { server, mailbox } = await openMailbox(t, {
    mails: [mail('one', 1), mail('two', 2)],
    script: (command) => (command === 'TOP 1 0' ? '-ERR not now\r\n' : undefined),
  });
  const { first } = await mailbox.estimate({ from: 'everything' });
  const previews = await mailbox.preview(first);
  assert.deepEqual(previews, [
    { handle: first[1], receivedAt: since + 2 * day, from: 'Ann <ann@example.com>', subject: 'two' },
  ]);
  assert.ok(!server.commands.some((command) => command.startsWith('RETR')));
});
