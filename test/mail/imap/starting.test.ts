import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positionChars } from '../../../src/domain/limits';
import type { Mailbox } from '../../../src/domain/ports';
import type { Start } from '../../../src/domain/start';
import { isError } from '../../contract/fetched';
import { inbox, type Script } from '../../support/scripted-imap';
import { withServer } from '../../support/scripted-mailbox';

const hour = 60 * 60_000;
const day = 24 * hour;
const noon = Date.UTC(2026, 10, 10, 12);
const unread: Start = { from: 'unread' };

interface Message {
  uid: number;
  seen: boolean;
  /** Epoch milliseconds, and hours that its server's clock is ahead of UTC. */
  at: number;
  zone: number;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function internalDate({ at, zone }: Message): string {
  const local = new Date(at + zone * hour);
  const offset = `${zone < 0 ? '-' : '+'}${String(Math.abs(zone)).padStart(2, '0')}00`;
  const date = `${String(local.getUTCDate()).padStart(2, ' ')}-${months[local.getUTCMonth()]}-${local.getUTCFullYear()}`;
  return `${date} ${local.toISOString().slice(11, 19)} ${offset}`;
}

/** Servers compare days as they were where the message came in, without its zone (RFC 3501 §6.4.4). */
const localDay = ({ at, zone }: Message) => Math.floor((at + zone * hour) / day);

function found(messages: readonly Message[], args: string): Message[] {
  const dayIn = (key: string) => {
    const text = new RegExp(`${key} (\\S+)`).exec(args)?.[1];
    return text === undefined ? null : Date.parse(`${text.replaceAll('-', ' ')} UTC`) / day;
  };
  const [from, before] = [dayIn('SINCE'), dayIn('BEFORE')];
  const range = /UID (\d+):(\d+)/.exec(args);
  return messages.filter(
    (one) =>
      (range === null || (one.uid >= Number(range[1]) && one.uid <= Number(range[2]))) &&
      (!args.includes('UNSEEN') || !one.seen) &&
      (from === null || localDay(one) >= from) &&
      (before === null || localDay(one) < before),
  );
}

function serverWith(messages: readonly Message[], changes: Partial<Script> = {}): Script {
  const next = Math.max(0, ...messages.map(({ uid }) => uid)) + 1;
  return {
    ...changes,
    on: {
      select: (tag) => `${inbox(messages.length, next)}${tag} OK [READ-WRITE] open`,
      status: (tag) => `* STATUS INBOX (MESSAGES ${messages.length} UIDNEXT ${next} UNSEEN 0)\r\n${tag} OK done`,
      'uid search': (tag, args) => {
        const uids = found(messages, args).map(({ uid }) => uid);
        const all = uids.length === 0 ? '' : ` ALL ${uids.join()}`;
        const told = args.includes('RETURN') ? `ESEARCH (TAG "${tag}") UID${all}` : `SEARCH ${uids.join(' ')}`;
        return `* ${told}\r\n${tag} OK done`;
      },
      'uid fetch': (tag, args) => {
        const set = (args.split(' ')[0] ?? '').split(',').map((part) => part.split(':').map(Number));
        const asked = messages.filter(({ uid }) => set.some(([from = 0, to = from]) => uid >= from && uid <= to));
        const rows = asked.map(
          (one) =>
            `* ${messages.indexOf(one) + 1} FETCH (UID ${one.uid} FLAGS (${one.seen ? '\\Seen' : ''}) RFC822.SIZE 9 INTERNALDATE "${internalDate(one)}")\r\n`,
        );
        return `${rows.join('')}${tag} OK done`;
      },
      ...changes.on,
    },
  };
}

const message = (uid: number, at: number, zone = 0, seen = false): Message => ({ uid, at, zone, seen });

async function uidsFrom(mailbox: Mailbox, from: string | null): Promise<number[]> {
  const uids: number[] = [];
  let position = from;
  for (let more = true; more; ) {
    const listing = await mailbox.list(position, 2);
    uids.push(...listing.arrivals.map(({ handle }) => Number(handle.split('.')[1])));
    ({ position, more } = listing);
  }
  return uids;
}

for (const [capabilities, clock] of [
  ['', 1],
  ['ESEARCH', 12],
  ['', 23],
] as const) {
  test(`a moment at ${clock} o'clock is found to the second whatever the zones of servers${capabilities && `, with ${capabilities}`}`, () => {
    const moment = Date.UTC(2026, 10, 10, clock);
    const around = [-1_000, 0, 1_000, -12 * hour, 12 * hour, -26 * hour, 26 * hour, -40 * hour, 40 * hour];
    const messages = around.flatMap((distance, index) =>
      [-12, 0, 14].map((zone, at) => message(index * 3 + at + 1, moment + distance, zone)),
    );
    const wanted = messages.filter(({ at }) => at >= moment).map(({ uid }) => uid);
    const start: Start = { from: 'since', since: moment };
    return withServer(serverWith(messages, { capabilities }), async (mailbox) => {
      const { count, confidence, first } = await mailbox.estimate(start);
      assert.deepEqual([count, confidence], [wanted.length, 'exact']);
      assert.deepEqual(
        first,
        wanted.slice(0, 10).map((uid) => `7.${uid}`),
      );
      assert.deepEqual(await uidsFrom(mailbox, await mailbox.begin(start)), wanted);
    });
  });
}

test('a server that is asked for ages (WITHIN) is never asked for an age of nothing', () => {
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  const messages = [message(1, now - 2 * hour), message(2, now - hour)];
  return withServer(
    serverWith(messages, {
      capabilities: 'WITHIN',
      on: { 'uid search': (tag) => `* SEARCH 1 2\r\n${tag} OK done` },
    }),
    async (mailbox, commands) => {
      assert.equal((await mailbox.estimate({ from: 'since', since: now - 90 * 60_000 })).count, 1);
      assert.equal((await mailbox.estimate({ from: 'since', since: now - 30 * day })).count, 2);
      const asked = commands.filter((command) => /YOUNGER|OLDER/.test(command));
      assert.ok(asked.some((command) => command.includes('OLDER')));
      assert.ok(!asked.some((command) => /(YOUNGER|OLDER) 0/.test(command)), asked.join());
    },
  );
});

test('the position is short where all that is wanted lies at the end of the folder, deleted ones between', () => {
  const messages = [1, 2, 5, 9, 40].map((uid) => message(uid, noon, 0, uid < 5));
  return withServer(serverWith(messages), async (mailbox) => {
    const position = await mailbox.begin(unread);
    assert.equal(position, '7:4');
    assert.deepEqual(await uidsFrom(mailbox, position), [5, 9, 40]);
  });
});

test('what is wanted among others is listed first, then what is new; what is gone by then is left out', () => {
  const messages = [1, 2, 3, 4, 5, 6, 7].map((uid) => message(uid, noon, 0, uid % 2 === 0));
  return withServer(serverWith(messages), async (mailbox) => {
    assert.equal(await mailbox.begin(unread), '7:7:1,3,5,7');
    messages.splice(2, 1);
    messages.push(message(8, noon));
    assert.deepEqual(await uidsFrom(mailbox, '7:7:1,3,5,7'), [1, 5, 7, 8]);
    assert.deepEqual(await uidsFrom(mailbox, '7:6'), [7, 8], 'positions of earlier versions go on');
  });
});

test('a folder that is laid anew in the middle of what was wanted is listed from its beginning, and tells what is unread', () => {
  const messages = [1, 2, 3].map((uid) => message(uid, noon, 0, uid === 2));
  return withServer(serverWith(messages), async (mailbox) => {
    const listing = await mailbox.list('6:900:5,7,9', 50);
    assert.equal(listing.reset, true);
    assert.deepEqual(
      listing.arrivals.map(({ unread: isUnread }) => isUnread),
      [true, false, true],
    );
    assert.match(listing.position ?? '', /^7:3;/);
  });
});

test('unread mail that is too scattered to be noted is counted, and refused with the reason', () => {
  const messages = Array.from({ length: 60_000 }, (_, index) => message(index + 1, noon, 0, index % 2 === 0));
  return withServer(
    serverWith(messages),
    async (mailbox) => {
      const { count, available, reason, first } = await mailbox.estimate(unread);
      assert.deepEqual([count, available, first.length], [30_000, false, 10]);
      assert.match(reason ?? '', /30000 messages lie scattered/);
      await assert.rejects(mailbox.begin(unread), isError('start-unavailable', 'input'));
      for (const one of messages.slice(0, 40_000)) one.seen = true;
      assert.ok(((await mailbox.begin(unread)) ?? '').length <= positionChars);
    },
    { timeoutMs: 20_000 },
  );
});

test('a search that the server refuses is trouble that passes, with the server’s words', () =>
  withServer(
    serverWith([message(1, noon)], { on: { 'uid search': (tag) => `${tag} NO [INUSE] index is being rebuilt` } }),
    async (mailbox) => {
      await assert.rejects(mailbox.estimate(unread), (error) => {
        assert.match(String(Reflect.get(Object(error), 'detail')), /index is being rebuilt/);
        return isError('server-refused', 'transient')(error);
      });
    },
  ));

test('a server that claims to have found every number there is costs neither time nor memory', () =>
  withServer(
    serverWith([message(1, noon)], {
      capabilities: 'ESEARCH',
      on: { 'uid search': (tag) => `* ESEARCH (TAG "${tag}") UID ALL 1:4294967295\r\n${tag} OK done` },
    }),
    async (mailbox) => {
      assert.deepEqual((await mailbox.estimate(unread)).first, ['7.1'], 'only what was asked for counts');
      assert.deepEqual(await uidsFrom(mailbox, await mailbox.begin(unread)), [1]);
    },
  ));
