import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionSettings } from '../../src/domain/connection';
import { switchMarginMs } from '../../src/domain/limits';
import { createWorld, mail, type World } from '../support/world';
import { poll, summaries } from './polling';

/** A connection that reads the same mailbox by another provider, which knows mail by other names and writes other bytes. */

const minute = 60_000;
const graph = connectionSettings.parse({
  provider: 'microsoft-graph',
  name: 'Support',
  credentialId: 'credential',
  username: 'support@example.com',
  target: { projectId: '10000', issueTypeId: '10001' },
});

function receive(world: World, subject: string, at: number, messageId = subject): void {
  const uid = (world.mails.at(-1)?.uid ?? 0) + 1;
  world.mails.push({ uid, raw: mail(subject, { messageId }), seen: false, gone: false, receivedAt: at });
}

/** Taken ten minutes and two hours before the last poll; by the new provider they have other names. */
async function switched(): Promise<{ world: World; polledAt: number }> {
  const world = createWorld([]);
  const start = world.ports().now();
  receive(world, 'two hours ago', start - 120 * minute);
  receive(world, 'ten minutes ago', start - 10 * minute);
  await poll(world);
  assert.equal(world.issues.length, 2);
  world.advance(5 * minute);
  world.connection = { ...world.connection, version: 2, settings: graph };
  return { world, polledAt: world.cursor()?.polledAt ?? 0 };
}

test('takes mail that became visible late, and none that the other provider had', async () => {
  const { world, polledAt } = await switched();
  receive(world, 'late by two minutes', polledAt - 2 * minute);
  receive(world, 'late by 50 minutes', polledAt - 50 * minute);
  receive(world, 'in time', polledAt + 2 * minute);
  await poll(world);
  const made = ['two hours ago', 'ten minutes ago', 'late by two minutes', 'late by 50 minutes', 'in time'];
  assert.deepEqual(summaries(world), made);
  assert.equal(world.mails.find(({ uid }) => uid === 2)?.seen, true, 'what was taken is settled');
  await poll(world);
  assert.deepEqual(summaries(world), made);
});

test('looks among the issues of its own connection and time only', async () => {
  const { world, polledAt } = await switched();
  const other = world.issues.find(({ draft }) => draft.summary === 'ten minutes ago');
  assert.ok(other);
  other.draft = { ...other.draft, connectionId: 'another' };
  receive(world, 'an answer', polledAt - minute, 'two hours ago');
  const old = world.issues.find(({ draft }) => draft.summary === 'two hours ago');
  assert.ok(old);
  old.createdAt = polledAt - 3 * switchMarginMs;
  await poll(world);
  assert.deepEqual(summaries(world).slice(2).sort(), ['an answer', 'ten minutes ago']);
});

test('takes mail without a Message-ID, which may be a double rather than a loss', async () => {
  const { world, polledAt } = await switched();
  const raw = new TextEncoder().encode('Subject: nameless\r\n\r\nText\r\n');
  world.mails.push({ uid: 9, raw, seen: false, gone: false, receivedAt: polledAt - minute });
  await poll(world);
  assert.equal(summaries(world).at(-1), 'nameless');
});

test('looks for nothing once the new provider was listed to its end', async () => {
  const { world, polledAt } = await switched();
  await poll(world);
  receive(world, 'late by two minutes', polledAt - 2 * minute, 'ten minutes ago');
  let looks = 0;
  await poll(world, (ports) => {
    const findByMessageId: typeof ports.issues.findByMessageId = (...args) => {
      looks += 1;
      return ports.issues.findByMessageId(...args);
    };
    return { ...ports, issues: { ...ports.issues, findByMessageId } };
  });
  assert.deepEqual([looks, summaries(world).at(-1)], [0, 'late by two minutes']);
});
