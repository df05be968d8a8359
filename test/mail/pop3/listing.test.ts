import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pop3Limits } from '../../../src/mail/pop3/limits';
import { maxDigests } from '../../../src/mail/pop3/position';
import { openMailbox, texts } from './open';
import { mail } from './pop3-server';

const mails = (count: number) => Array.from({ length: count }, (_, n) => mail(`id${n}`, `body ${n}`));
const subjects = (found: readonly string[]) => found.map((text) => /^Subject: (.*)\r$/m.exec(text)?.[1] ?? text);

test('lists oldest first in pieces, and only what is new after that', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: mails(5) });
  const first = await mailbox.list(null, 3);
  assert.deepEqual([first.arrivals.length, first.more, first.reset], [3, true, false]);
  assert.deepEqual(
    first.arrivals.map(({ size }) => size),
    server.mails.slice(0, 3).map(({ raw }) => raw.length),
  );
  const second = await mailbox.list(first.position, 3);
  assert.deepEqual([second.arrivals.length, second.more], [2, false]);
  assert.equal(server.visits, 1, 'the rest of a listing needs no new session');

  server.mails.push(mail('new'));
  const third = await mailbox.list(second.position, 3);
  assert.deepEqual(
    subjects(
      await texts(
        mailbox,
        third.arrivals.map(({ handle }) => handle),
      ),
    ),
    ['new'],
  );
  assert.equal(server.visits, 2, 'new mail shows up in a new session only, and fetching goes on in it');
});

test('an idle poll gives the same position, asks one question, and leaves the mailbox to others at once', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: mails(3) });
  const { position } = await mailbox.list(null, 50);
  await mailbox.close();
  server.commands.length = 0;
  assert.deepEqual(await mailbox.list(position, 50), { arrivals: [], position, more: false, reset: false });
  assert.deepEqual(server.commands, ['CAPA', server.commands[1], 'STAT', 'UIDL 3', 'QUIT']);
});

test('an empty mailbox has a position, from which its first mail is new', async (t) => {
  const { server, mailbox } = await openMailbox(t);
  const empty = await mailbox.list(null, 50);
  assert.deepEqual(await mailbox.list(empty.position, 50), { ...empty, arrivals: [] });
  server.mails.push(mail('first'));
  assert.equal((await mailbox.list(empty.position, 50)).arrivals.length, 1);
});

test('mail that others deleted, in the middle or at the end, makes nothing old new', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: mails(6) });
  let { position } = await mailbox.list(null, 50);
  for (const index of [2, 4, 0]) {
    server.mails.splice(index, 1);
    const listing = await mailbox.list(position, 50);
    assert.deepEqual([listing.arrivals, listing.reset], [[], false]);
    assert.equal((await mailbox.list(listing.position, 50)).position, listing.position);
    position = listing.position;
  }
});

test('one mail deleted and another arrived between two polls is noticed although the count is the same', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: [mail('aa'), mail('bb')] });
  const { position } = await mailbox.list(null, 50);
  server.mails = [mail('bb'), mail('cc')];
  const { arrivals } = await mailbox.list(position, 50);
  assert.deepEqual(
    subjects(
      await texts(
        mailbox,
        arrivals.map(({ handle }) => handle),
      ),
    ),
    ['cc'],
  );
});

test('a server that lists in another order makes nothing new', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: mails(5) });
  const { position } = await mailbox.list(null, 50);
  server.mails.reverse();
  const turned = await mailbox.list(position, 50);
  assert.deepEqual([turned.arrivals, turned.reset], [[], false]);
});

test('new ids for all messages are a reset that tells when each was received', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: mails(5) });
  const { position } = await mailbox.list(null, 50);
  server.mails = server.mails.map(({ raw }, index) => ({ id: `other-${index}`, raw }));
  const first = await mailbox.list(position, 3);
  assert.deepEqual([first.arrivals.length, first.reset, first.more], [3, true, true]);
  const rest = await mailbox.list(first.position, 3);
  assert.deepEqual([rest.arrivals.length, rest.reset, rest.more], [2, false, false]);
  const times = [...first.arrivals, ...rest.arrivals].map(({ receivedAt }) => receivedAt);
  assert.deepEqual(
    times,
    Array.from({ length: 5 }, () => Date.parse('2026-11-20T07:00:00Z')),
  );
});

test('a mailbox whose known mail was all deleted is no reset, and its new mail is listed without reading headers', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: mails(2) });
  const { position } = await mailbox.list(null, 50);
  server.mails = [mail('new', 'longer than those before')];
  server.commands.length = 0;
  const listing = await mailbox.list(position, 50);
  assert.deepEqual([listing.arrivals.length, listing.reset], [1, false]);
  assert.ok(!server.commands.some((command) => command.startsWith('TOP')));
});

test('a position of another mailbox kind lists everything again', async (t) => {
  const { mailbox } = await openMailbox(t, { mails: mails(2) });
  const listing = await mailbox.list('1690000000:17', 50);
  assert.deepEqual([listing.arrivals.length, listing.reset], [2, true]);
});

test('starting now leaves all mail that is there alone; starting with everything counts it', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: mails(4) });
  assert.equal((await mailbox.estimate({ from: 'everything' })).count, 4);
  assert.equal((await mailbox.estimate({ from: 'now' })).count, 0);
  const position = await mailbox.begin({ from: 'now' });
  assert.deepEqual(await mailbox.list(position, 50), { arrivals: [], position, more: false, reset: false });
  server.mails.push(mail('new'));
  assert.equal((await mailbox.list(position, 50)).arrivals.length, 1);
});

test('above the number of messages that stand for themselves, a deletion lists some old ones again, and says so', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: mails(2 * maxDigests) });
  const position = await mailbox.begin({ from: 'now' });
  server.mails.splice(5_000, 1);
  server.mails.push(mail('new'));
  const listing = await mailbox.list(position, 50);
  assert.equal(listing.reset, true, 'so that mail from before the start is left alone by its date');
  assert.ok(listing.arrivals.length < 50 && listing.arrivals.every(({ receivedAt }) => receivedAt !== null));
  const found = subjects(
    await texts(
      mailbox,
      listing.arrivals.map(({ handle }) => handle),
    ),
  );
  assert.equal(found.at(-1), 'new');
  assert.deepEqual(await mailbox.list(listing.position, 50), { ...listing, arrivals: [], reset: false });
});

test('an id of 10 KB is an id like others', async (t) => {
  const long = 'x'.repeat(10_000);
  const { server, mailbox } = await openMailbox(t, { mails: [mail('a'), { ...mail('b'), id: `${long}1` }] });
  const { position, arrivals } = await mailbox.list(null, 50);
  assert.ok(arrivals.every(({ handle }) => handle.length < 30) && (position?.length ?? 0) < 200);
  server.mails.push({ ...mail('c'), id: `${long}2` });
  assert.equal((await mailbox.list(position, 50)).arrivals.length, 1);
});

test('a listing that never ends, names what is not there, or is cut is not used', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: mails(3) }, {}, { password: 'secret' });
  server.script = (command) => (command === 'UIDL' ? '+OK\r\n4 d\r\n.\r\n' : undefined);
  await assert.rejects(mailbox.list(null, 50), { code: 'server-broken', kind: 'transient' });
  server.script = (command, visit) => {
    if (command !== 'UIDL') return undefined;
    visit.socket.end('+OK\r\n1 id0\r\n2 id1\r\n');
    return null;
  };
  await assert.rejects(mailbox.list(null, 50), { code: 'connection-lost', kind: 'transient' });
  server.script = (command) => (command === 'STAT' ? '+OK 300000 1\r\n' : undefined);
  await assert.rejects(mailbox.list(null, 50), { code: 'too-many-messages', kind: 'access' });
  server.script = undefined;
  assert.equal((await mailbox.list(null, 50)).arrivals.length, 3);
});

test('lists and fetches in lock step where the server does not announce pipelining, and ahead where it does', async (t) => {
  for (const [capabilities, most] of [
    [['TOP', 'UIDL', 'USER'], 1],
    [['TOP', 'UIDL', 'USER', 'PIPELINING'], 20],
  ] as const) {
    const { server, mailbox } = await openMailbox(t, { mails: mails(20), capabilities: [...capabilities] });
    const { arrivals } = await mailbox.list(null, 50);
    assert.equal(
      (
        await texts(
          mailbox,
          arrivals.map(({ handle }) => handle),
        )
      ).length,
      20,
    );
    assert.equal(server.mostAtOnce, most);
  }
});

test('a session that nobody goes on with ends by itself', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: mails(3) });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  await mailbox.list(null, 50);
  t.mock.timers.tick(pop3Limits.idleMs - 1);
  await new Promise(setImmediate);
  assert.ok(!server.commands.includes('QUIT'));
  t.mock.timers.tick(1);
  while (!server.commands.includes('QUIT')) await new Promise(setImmediate);
});
