import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { pollConnection } from '../../src/intake/poll-connection';
import { createWorld, mail, type World } from '../support/world';
import { type Change, quarantined, summaries } from './polling';

/** Errors that should pass by themselves, and come up at the same mail again and again. */
const lost = () => new AppError('connection-lost', 'transient', 'The server hung up.');

const hangingUp: Change = (ports) => ({
  ...ports,
  openMailbox: async (...args) => {
    const mailbox = await ports.openMailbox(...args);
    return {
      ...mailbox,
      fetch: async function* (handles, maxBytes) {
        for (const handle of handles) {
          if (handle === '7.2') throw lost();
          yield* mailbox.fetch([handle], maxBytes);
        }
      },
    };
  },
});
const failingAttachment: Change = (ports) => ({
  ...ports,
  issues: { ...ports.issues, attach: () => Promise.reject(lost()) },
});

/** Polls each minute as planned, with a mail that arrives every twenty minutes; returns when each one became an issue. */
async function live(world: World, hours: number, change: Change): Promise<Map<string, number>> {
  const waited = new Map<string, number>();
  const arrived = new Map(world.mails.map(({ uid }) => [uid, 0]));
  for (let minute = 0; minute < hours * 60; minute += 1) {
    if (minute % 20 === 19) {
      const uid = world.mails.length + 1;
      arrived.set(uid, minute);
      world.mails.push({ uid, raw: mail(`later ${uid}`), seen: false, gone: false });
    }
    await pollConnection(change(world.ports()), 'c1', false);
    for (const summary of summaries(world)) {
      const uid = Number(/\d+$/.exec(summary)?.[0] ?? 0);
      if (!waited.has(summary)) waited.set(summary, minute - (arrived.get(uid) ?? 0));
    }
    world.advance(60_000);
  }
  return waited;
}

for (const [what, change] of Object.entries({
  'at which the server hangs up each time': hangingUp,
  'whose attachment Jira fails at each time': failingAttachment,
})) {
  test(`a mail ${what} holds up no others, and is given up once it is clear that they go through`, async () => {
    const world = createWorld([mail('first 1'), mail('second', { attachments: 1 }), mail('third 3')]);
    const waited = await live(world, 6, change);
    waited.delete('second');
    assert.equal(waited.size, world.mails.length - 1);
    assert.ok(Math.max(...waited.values()) <= 15, JSON.stringify([...waited]));
    assert.deepEqual(
      quarantined(world).map(({ code }) => code),
      ['connection-lost'],
    );
    const { waiting, totals, trouble } = world.cursor() ?? {};
    assert.deepEqual([waiting, trouble, totals?.taken, totals?.givenUp], [[], null, world.mails.length - 1, 1]);
  });
}

test('an outage of a day gives no mail up, and makes one issue of each when it is over', async () => {
  const world = createWorld([mail('first 1'), mail('second'), mail('third 3')]);
  await live(world, 24, (ports) => ({ ...ports, issues: { ...ports.issues, create: () => Promise.reject(lost()) } }));
  assert.deepEqual([summaries(world), quarantined(world)], [[], []]);
  await live(world, 2, (ports) => ports);
  assert.equal(world.issues.length, world.mails.length);
  assert.equal(new Set(summaries(world)).size, world.mails.length);
  assert.deepEqual([world.cursor()?.waiting, quarantined(world)], [[], []]);
});
