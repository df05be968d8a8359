import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchAll } from '../../contract/fetched';
import { systemClock } from '../../emulator/clock';
import { drain, mail, subjectOf } from '../drain';
import { address, setUpGraph } from './graph-set-up';

const hour = 60 * 60_000;
const handlesOf = (arrivals: readonly { handle: string }[]) => arrivals.map(({ handle }) => handle);

test('an idle poll is one request, and leaves the position as it is', async (context) => {
  const { deliver, mailbox, requests } = await setUpGraph(context);
  deliver(mail('one'));
  const { position } = await drain(mailbox, null);
  requests();
  assert.deepEqual(await mailbox.list(position, 50), { arrivals: [], position, more: false, reset: false });
  assert.equal(requests().length, 1);
});

test('mail that is read or marked is no news, and moves no position', async (context) => {
  const { deliver, microsoft, mailbox, requests } = await setUpGraph(context);
  const first = deliver(mail('one'));
  const { position } = await drain(mailbox, null);
  microsoft.read(address, first);
  microsoft.read(address, first, false);
  requests();
  assert.deepEqual(await mailbox.list(position, 50), { arrivals: [], position, more: false, reset: false });
  assert.equal(requests().length, 1);
});

test('mail that was deleted is looked for once, and is no news', async (context) => {
  const { deliver, microsoft, mailbox, requests } = await setUpGraph(context);
  const deleted = ['one', 'two', 'three'].map((subject) => deliver(mail(subject)));
  const { position } = await drain(mailbox, null);
  for (const id of deleted) microsoft.remove(address, id);
  requests();
  const listing = await mailbox.list(position, 50);
  assert.deepEqual([listing.arrivals, listing.more, listing.reset], [[], false, false]);
  assert.equal(requests().length, 2);
  assert.equal((await mailbox.list(listing.position, 50)).position, listing.position);
  assert.equal(requests().length, 1);
});

test('mail that was moved away and back before a poll is listed, and what stayed away is not', async (context) => {
  const { deliver, microsoft, mailbox } = await setUpGraph(context);
  const [old = '', gone = ''] = [deliver(mail('old')), deliver(mail('gone'))];
  const { position } = await drain(mailbox, null);
  const fresh = deliver(mail('fresh'));
  for (const id of [old, fresh, gone]) microsoft.move(address, id, 'Elsewhere');
  for (const id of [old, fresh]) microsoft.move(address, id, 'Inbox');
  const listing = await mailbox.list(position, 50);
  assert.deepEqual(handlesOf(listing.arrivals), [old, fresh]);
  assert.equal((await mailbox.list(listing.position, 50)).position, listing.position, 'once');
});

test('many that were moved away and back are listed over several listings, none of them passed over', async (context) => {
  const { deliver, microsoft, mailbox } = await setUpGraph(context);
  const moved = Array.from({ length: 530 }, (_, n) => deliver(mail(`mail ${n}`)));
  const { position } = await drain(mailbox, null);
  for (const id of moved) microsoft.move(address, id, 'Elsewhere');
  for (const id of moved) microsoft.move(address, id, 'Inbox');
  const others = Array.from({ length: 60 }, (_, n) => deliver(mail(`other ${n}`)));
  const { arrivals } = await drain(mailbox, position, 50);
  assert.deepEqual(new Set(handlesOf(arrivals)), new Set([...moved, ...others]));
});

test('what Graph can not look up in a round is listed all the same, and one that is told twice once', async (context) => {
  const { deliver, microsoft, mailbox } = await setUpGraph(context);
  const id = deliver(mail('one'));
  const { position } = await drain(mailbox, null);
  microsoft.move(address, id, 'Elsewhere');
  microsoft.move(address, id, 'Inbox');
  const body = { error: { code: 'InternalServerError', message: 'An internal server error occurred.' } };
  microsoft.faults.add({ match: /messages\/AAk/, kind: 'status', status: 500, body, times: 1 });
  assert.deepEqual(handlesOf((await mailbox.list(position, 50)).arrivals), [id]);
  assert.deepEqual(handlesOf((await mailbox.list(position, 50)).arrivals), [id]);
});

test('old mail that is moved into the folder has arrived', async (context) => {
  const { deliver, microsoft, mailbox } = await setUpGraph(context);
  const old = deliver(mail('old'), { folder: 'Elsewhere', receivedAt: Date.now() - 1_000 * hour });
  deliver(mail('one'));
  const { position } = await drain(mailbox, null);
  microsoft.move(address, old, 'Inbox');
  assert.deepEqual(handlesOf((await mailbox.list(position, 50)).arrivals), [old]);
});

test('an idle folder renews its delta link every hour, before Graph forgets it', async (context) => {
  const clock = systemClock();
  const { deliver, mailbox } = await setUpGraph(context, { clock });
  deliver(mail('one'));
  const { position } = await drain(mailbox, null);
  clock.advance(0.9 * hour);
  assert.equal((await mailbox.list(position, 50)).position, position);
  clock.advance(0.2 * hour);
  const renewed = await mailbox.list(position, 50);
  assert.notEqual(renewed.position, position);
  assert.deepEqual([renewed.arrivals, renewed.more, renewed.reset], [[], false, false]);
});

test('a large folder is listed oldest first, whatever comes and goes meanwhile', async (context) => {
  const { deliver, microsoft, mailbox, open } = await setUpGraph(context);
  const begin = Date.now() - 5_000 * hour;
  const imported = Array.from({ length: 260 }, (_, n) => deliver(mail(`import ${n}`), { receivedAt: begin }));
  const sent = Array.from({ length: 700 }, (_, n) =>
    deliver(mail(`old ${n}`), { receivedAt: begin + 10_000 + n * 700 }),
  );
  const deleted = sent.slice(500, 510);
  const dragged = deliver(mail('dragged in'), { folder: 'Elsewhere', receivedAt: begin - hour });
  const arrived: string[] = [];
  const { arrivals, position } = await drain(mailbox, null, 50, (listing) => {
    if (listing === 3) for (const id of deleted) microsoft.remove(address, id);
    if (listing === 4) microsoft.move(address, dragged, 'Inbox');
    if (listing % 5 === 0) arrived.push(deliver(mail(`new ${listing}`), { receivedAt: Date.now() }));
    if (listing === 10) for (const id of sent.slice(0, 200)) microsoft.move(address, id, 'Deleted Items');
  });
  const later = await drain(open(), position);
  const handles = handlesOf([...arrivals, ...later.arrivals]);
  const expected = [...imported, ...sent, dragged, ...arrived].filter((id) => !deleted.includes(id));
  assert.deepEqual(
    expected.filter((id) => !handles.includes(id)),
    [],
    'nothing is lost',
  );
  assert.equal(new Set(handles).size, handles.length, 'nothing is listed twice');
  const dates = arrivals.map(({ receivedAt }) => receivedAt ?? 0);
  assert.deepEqual(
    dates,
    [...dates].sort((a, b) => a - b),
    'oldest first',
  );
});

test('more news than asked for are listed oldest first over several listings, also when more comes in between', async (context) => {
  const { deliver, microsoft, mailbox, open } = await setUpGraph(context);
  const old = deliver(mail('old'), { folder: 'Elsewhere', receivedAt: Date.now() - 1_000 * hour });
  const { position } = await drain(mailbox, null);
  const sent = Array.from({ length: 333 }, (_, n) => deliver(mail(`mail ${n}`)));
  const { arrivals, position: end } = await drain(mailbox, position, 50, (listing) => {
    if (listing === 2) microsoft.move(address, old, 'Inbox');
  });
  assert.deepEqual(handlesOf(arrivals).slice(0, 333), sent);
  assert.deepEqual(handlesOf(arrivals).slice(333), [old], 'what came in between is not taken for listed');
  assert.deepEqual((await open().list(end, 50)).arrivals, []);
});

test('"from now on" leaves old mail alone, and misses none that is on its way', async (context) => {
  const { deliver, mailbox } = await setUpGraph(context);
  const now = Date.now();
  for (let n = 0; n < 700; n += 1) deliver(mail(`old ${n}`), { receivedAt: now - n * 500 });
  const position = await mailbox.begin({ from: 'now' });
  // Received a little before the newest one, but put into the folder only now.
  const late = deliver(mail('late'), { receivedAt: now - 30_000 });
  const same = deliver(mail('same second'), { receivedAt: now });
  const { arrivals } = await drain(mailbox, position);
  assert.deepEqual(handlesOf(arrivals), [late, same]);
});

test('a forgotten delta link lists the folder again, and says so once', async (context) => {
  const { deliver, microsoft, mailbox } = await setUpGraph(context);
  const sent = Array.from({ length: 120 }, (_, n) => deliver(mail(`mail ${n}`)));
  const { position } = await drain(mailbox, null);
  microsoft.expireDeltas();
  const again = await drain(mailbox, position);
  assert.deepEqual(handlesOf(again.arrivals), sent);
  assert.equal(again.resets, 1);
});

test('a page that is forgotten in the middle of the first sweep loses nothing, and is no reset', async (context) => {
  const { deliver, microsoft, mailbox, requests } = await setUpGraph(context);
  const sent = Array.from({ length: 2_200 }, (_, n) => deliver(mail(`mail ${n}`)));
  requests();
  const first = await mailbox.list(null, 50);
  assert.deepEqual([first.arrivals, first.more], [[], true]);
  assert.ok(requests().length <= 25, 'one listing takes a bounded number of requests');
  microsoft.expireDeltas();
  const { arrivals, resets } = await drain(mailbox, first.position, 500);
  assert.deepEqual(handlesOf(arrivals), sent);
  assert.equal(resets, 0);
});

test('a folder that was removed is missed by name, not taken for empty', async (context) => {
  const { deliver, microsoft, open } = await setUpGraph(context);
  deliver(mail('one'), { folder: 'Support' });
  const { position } = await drain(open({ folder: 'Support' }), null);
  microsoft.removeFolder(address, 'Support');
  await assert.rejects(open({ folder: 'Support' }).list(position, 50), {
    code: 'folder-not-found',
    kind: 'access',
    step: 'folder',
  });
});

test('handles stay the same when mail is moved, which ids do not that are not immutable', async (context) => {
  const { deliver, microsoft, mailbox } = await setUpGraph(context);
  const id = deliver(mail('one'));
  const { arrivals } = await drain(mailbox, null);
  const usual = async () => {
    const response = await fetch(`${microsoft.url}/v1.0/me/mailFolders/inbox/messages`, {
      headers: { authorization: 'Bearer token-1' },
    });
    return (await response.json()).value[0].id;
  };
  const before = await usual();
  microsoft.move(address, id, 'Elsewhere');
  microsoft.move(address, id, 'Inbox/Below');
  microsoft.move(address, id, 'Inbox');
  assert.deepEqual(handlesOf((await drain(mailbox, null)).arrivals), handlesOf(arrivals));
  const elsewhere = await fetch(`${microsoft.url}/v1.0/me/messages/${encodeURIComponent(before)}/$value`, {
    headers: { authorization: 'Bearer token-1' },
  });
  assert.equal(elsewhere.status, 200, 'it is back where it was');
  microsoft.move(address, id, 'Elsewhere');
  const changed = await fetch(`${microsoft.url}/v1.0/me/messages/${encodeURIComponent(before)}/$value`, {
    headers: { authorization: 'Bearer token-1' },
  });
  assert.equal(changed.status, 404);
});

test('fifty mails take one request each, and seven for all of them together', async (context) => {
  const { deliver, mailbox, requests } = await setUpGraph(context);
  const { position } = await drain(mailbox, null);
  for (let n = 0; n < 50; n += 1) deliver(mail(`mail ${n}`, 20_000));
  requests();
  const { arrivals } = await mailbox.list(position, 50);
  assert.equal(requests().length, 1, 'sizes and dates come with the list');
  const fetched = await fetchAll(mailbox, handlesOf(arrivals));
  assert.deepEqual(
    fetched.map(subjectOf),
    Array.from({ length: 50 }, (_, n) => `mail ${n}`),
  );
  const calls = requests();
  assert.equal(calls.filter(({ path }) => path.endsWith('/$value')).length, 50);
  assert.equal(calls.length, 53, 'for each twenty, whether they are still in the folder');
  assert.ok(
    calls.every(({ status }) => status === 200),
    'never more than four at once, else Exchange refuses',
  );
  await mailbox.settle(handlesOf(arrivals), 'mark-read', '');
  assert.equal(requests().length, 3, 'twenty in each batch');
});

test('a mail that is known to be too large is not even asked for', async (context) => {
  const { deliver, mailbox, requests } = await setUpGraph(context);
  deliver(mail('large', 100_000));
  const { arrivals } = await drain(mailbox, null);
  requests();
  const [only] = await fetchAll(mailbox, handlesOf(arrivals), 50_000);
  assert.deepEqual([only?.outcome, requests().length], ['too-large', 0]);
  assert.equal((await fetchAll(mailbox, handlesOf(arrivals), 200_000))[0]?.outcome, 'raw');
});

test('a mail that Exchange itself cannot write is left out, and those behind it come', async (context) => {
  const { deliver, microsoft, mailbox } = await setUpGraph(context);
  const ids = ['a', 'broken', 'c'].map((subject) => deliver(mail(subject)));
  const body = { error: { code: 'ErrorMimeContentInvalid', message: 'The message could not be converted.' } };
  microsoft.faults.add({ match: new RegExp(`${ids[1]}.*value`), kind: 'status', status: 500, body });
  assert.deepEqual((await fetchAll(mailbox, ids)).map(subjectOf), ['a', 'c']);
});

test('a mail that its folder shows and that is not found yet is left out, not taken for gone', async (context) => {
  const { deliver, microsoft, mailbox } = await setUpGraph(context);
  const ids = ['a', 'lagging', 'moved away', 'd'].map((subject) => deliver(mail(subject)));
  microsoft.faults.add({ match: new RegExp(`${ids[1]}/.value`), kind: 'status', status: 404 });
  microsoft.move(address, ids[2] ?? '', 'Elsewhere');
  assert.deepEqual((await fetchAll(mailbox, ids)).map(subjectOf), ['a', '(gone)', 'd']);
  assert.deepEqual((await fetchAll(mailbox, ids)).map(subjectOf), ['a', 'lagging', '(gone)', 'd']);
});
