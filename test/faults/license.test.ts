import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { FunctionName } from '../../src/resolvers/contract';
import { type HttpInbox, type HttpStage, startHttpStage } from './http-stage';

/** A paid app whose license ends, and is renewed. */

let stage: HttpStage;
let inbox: HttpInbox;
before(async () => {
  stage = await startHttpStage();
  inbox = await stage.inbox('gmail');
});
after(() => stage?.close());
afterEach(() => stage.forge.setLicense(undefined));

const refusal = async (functionKey: FunctionName, payload: unknown) => {
  const result = await stage.forge.invoke({ module: 'letterbox-admin', functionKey, payload, accountId: 'admin' });
  return result.ok ? null : result.error;
};

test('with an active license everything works', async () => {
  stage.forge.setLicense({ active: true });
  inbox.deliver('licensed');
  await inbox.poll('scheduled');
  await inbox.recovers();
});

test('without an active license nothing is polled or alerted, and the mailbox is not touched', async () => {
  stage.forge.setLicense({ active: false });
  inbox.deliver('first', 'second');
  inbox.asked();
  const before = stage.forge.usage();
  const { invocations } = await stage.forge.trigger('plan-polls');
  assert.equal(invocations, 1, 'the planner alone');
  const after = stage.forge.usage();
  assert.deepEqual([after.kvs, after.queue], [before.kvs, before.queue], 'it reads, writes and pushes nothing');
  assert.deepEqual(inbox.asked(), []);
  stage.forge.setLicense({ active: true });
  await inbox.poll('scheduled');
  await inbox.recovers();
});

test('an event that is left over from when there was a license ends at once', async () => {
  await stage.call('connections.poll', { id: inbox.id });
  await stage.forge.run(async () => (await import('../../src/triggers/poll-queue')).requestAlerts());
  inbox.deliver('left over');
  stage.forge.setLicense({ active: false });
  inbox.asked();
  const before = stage.forge.usage();
  await stage.forge.drain();
  const after = stage.forge.usage();
  assert.equal((after.invocations.poll?.count ?? 0) - (before.invocations.poll?.count ?? 0), 1);
  assert.equal((after.invocations.watch?.count ?? 0) - (before.invocations.watch?.count ?? 0), 1);
  assert.deepEqual(after.kvs, before.kvs);
  assert.deepEqual(inbox.asked(), []);
  stage.forge.setLicense(undefined);
  await inbox.recovers();
});

test('what is stored can be read and changed without a license; what fetches or sends mail is refused, with the reason', async () => {
  const { version, settings } = await inbox.view();
  stage.forge.setLicense({ active: false });
  assert.equal((await inbox.view()).version, version);
  const changed = { ...settings, description: 'changed without a license' };
  await stage.call('connections.update', { id: inbox.id, version, settings: changed });
  assert.ok((await stage.call('activity.list', {})).entries.length > 0);
  const id = inbox.id;
  const refused: [FunctionName, unknown][] = [
    ['connections.poll', { id }],
    ['connections.tryNow', { id }],
    ['connections.enable', { id, version: version + 1, start: { from: 'continue' } }],
    ['activity.reprocess', { connectionId: id }],
    ['outgoing.sendTest', { id, to: 'a@example.org' }],
    ['alerts.sendTest', {}],
  ];
  for (const [name, payload] of refused) {
    const error = Object(await refusal(name, payload));
    assert.equal(error.code, 'unlicensed', name);
    assert.match(error.message, /no active license.*Nothing is lost/);
  }
  stage.forge.setLicense({ active: true });
  assert.equal(await refusal('connections.poll', { id }), null);
  await stage.forge.drain();
});
