import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { countingProxy, type Product, startProduct } from '../support/product';
import { mail } from '../support/world';

/** The whole path on real parts: Dovecot, the gateway as a process of its own, the app on the emulator. */
let dovecot: Dovecot;
let product: Product;

before(async () => {
  const users = ['ada', 'ben', 'cleo', 'dan', 'eve', 'flo', 'gus', 'hal'];
  dovecot = await startDovecot({ users: Object.fromEntries(users.map((user) => [user, 'secret'])) });
  product = await startProduct();
});
after(async () => {
  await product?.close();
  await dovecot?.stop();
});

const text = (subject: string) => new TextDecoder().decode(mail(subject));
const own = (prefix: string) => product.summaries().filter((summary) => summary.startsWith(prefix));

test('makes one issue of each mail, in order, and marks them as read', async () => {
  await dovecot.append('ada', ['ada 1', 'ada 2', 'ada 3'].map(text));
  const { id } = await product.connect(dovecot, 'ada');
  assert.deepEqual(own('ada'), ['ada 1', 'ada 2', 'ada 3']);
  await dovecot.append('ada', [text('ada 4')]);
  await product.poll(id);
  await product.poll(id);
  assert.deepEqual(own('ada'), ['ada 1', 'ada 2', 'ada 3', 'ada 4']);
  assert.match(
    await dovecot.doveadm('mailbox', 'status', '-u', 'ada', 'messages unseen', 'INBOX'),
    /messages=4 unseen=0/,
  );
});

test('leaves alone what was there before when it starts from now', async () => {
  await dovecot.append('ben', [text('ben old')]);
  const { id } = await product.connect(dovecot, 'ben', { start: 'now' });
  await dovecot.append('ben', [text('ben new')]);
  await product.poll(id);
  assert.deepEqual(own('ben'), ['ben new']);
});

test('makes no issue again, and none of old mail, when the server lays the mailbox anew (UIDVALIDITY)', async () => {
  await dovecot.append('cleo', [text('cleo 1'), text('cleo 2')]);
  const { id } = await product.connect(dovecot, 'cleo');
  await dovecot.doveadm('mailbox', 'update', '--uid-validity', '4711', '-u', 'cleo', 'INBOX');
  await dovecot.append('cleo', [text('cleo 3')]);
  await product.poll(id);
  assert.deepEqual(own('cleo'), ['cleo 1', 'cleo 2', 'cleo 3']);
});

test('deletes mail from the server only once its issue is there', async () => {
  await dovecot.append('dan', [text('dan 1'), text('dan 2')]);
  product.forge.setFaults([
    { match: 'POST jira/rest/api/3/issue$', skip: 1, when: 'before', kind: 'error', status: 503, times: 1 },
  ]);
  const { id } = await product.connect(dovecot, 'dan', { settings: { afterDownload: 'delete' } });
  assert.deepEqual(own('dan'), ['dan 1']);
  assert.match(await dovecot.doveadm('mailbox', 'status', '-u', 'dan', 'messages', 'INBOX'), /messages=1/);
  await product.forge.advance(30 * 60);
  await product.poll(id);
  assert.deepEqual(own('dan'), ['dan 1', 'dan 2']);
  assert.match(await dovecot.doveadm('mailbox', 'status', '-u', 'dan', 'messages', 'INBOX'), /messages=0/);
});

test('suspends a connection whose password is refused, and leaves the others alone', async () => {
  const eve = await product.connect(dovecot, 'eve');
  await dovecot.append('eve', [text('eve 1')]);
  await dovecot.setPassword('eve', 'changed');
  await product.forge.advance(60 * 60);
  await product.pollUntilSuspended(eve.id);
  const view = await product.call('connections.get', { id: eve.id });
  assert.equal(view.status, 'suspended');
  assert.equal(view.trouble?.step, 'sign-in');
  const updated = await product.call('connections.update', {
    id: eve.id,
    version: view.version,
    settings: view.settings,
    password: 'changed',
  });
  assert.equal(updated.connection.status, 'polling');
  await product.poll(eve.id);
  assert.deepEqual(own('eve'), ['eve 1']);
});

test('an idle poll costs two reads, no write, one call of the gateway and one round trip to the server, with 10 mails as with 2,000', async () => {
  const alone = await startProduct();
  const proxy = await countingProxy(dovecot.ports.imaps);
  /** What the polls of one planned window came to, with the planner's own reads. */
  const window = async () => {
    const [before, trips] = [alone.forge.usage(), proxy.roundTrips()];
    await alone.duePolls();
    const after = alone.forge.usage();
    return {
      polls: (after.invocations.poll?.count ?? 0) - (before.invocations.poll?.count ?? 0),
      reads: after.kvs.reads - before.kvs.reads,
      writes: after.kvs.writes - before.kvs.writes,
      calls: (after.egress['remote:gateway'] ?? 0) - (before.egress['remote:gateway'] ?? 0),
      trips: proxy.roundTrips() - trips,
    };
  };
  try {
    await window();
    const planning = (await window()).reads;
    for (const [user, count] of [
      ['flo', 10],
      ['gus', 2_000],
    ] as const) {
      await dovecot.append(
        user,
        Array.from({ length: count }, (_, index) => text(`${user} ${index}`)),
      );
      const { id, version } = await alone.connect(dovecot, user, { port: proxy.port, start: 'now' });
      await window();
      const { polls, reads, writes, calls, trips } = await window();
      assert.ok(polls > 1, user);
      assert.deepEqual([reads - planning, writes, calls, trips], [2 * polls, 0, polls, polls], user);
      await alone.call('connections.delete', { id, version });
    }
  } finally {
    await proxy.close();
    await alone.close();
  }
});
