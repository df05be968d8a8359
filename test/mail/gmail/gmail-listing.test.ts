import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchAll } from '../../contract/fetched';
import { systemClock } from '../../emulator/clock';
import { drain, mail, subjectOf } from '../drain';
import { address, setUpGmail } from './gmail-set-up';

const hour = 60 * 60_000;
const day = 24 * hour;

test('an idle poll is one request, and leaves the position as it is', async (context) => {
  const { deliver, mailbox, requests } = await setUpGmail(context);
  deliver(mail('one'));
  const { position } = await drain(mailbox, null);
  requests();
  assert.deepEqual(await mailbox.list(position, 50), { arrivals: [], position, more: false, reset: false });
  assert.deepEqual(
    requests().map(({ path }) => path.split('?')[0]),
    ['/gmail/v1/users/me/history'],
  );
});

test('what happens to other mail is no news, and moves no position', async (context) => {
  const { deliver, google, mailbox, requests } = await setUpGmail(context);
  const id = deliver(mail('one'));
  const { position } = await drain(mailbox, null);
  google.label(address, id, { remove: ['UNREAD'] });
  google.label(address, id, { add: ['STARRED'] });
  deliver(mail('elsewhere'), { label: 'Other' });
  requests();
  assert.deepEqual(await mailbox.list(position, 50), { arrivals: [], position, more: false, reset: false });
  assert.equal(requests().length, 1);
});

test('an idle mailbox renews its history id every hour, before Gmail forgets it', async (context) => {
  const clock = systemClock();
  const { deliver, google, mailbox } = await setUpGmail(context, { clock });
  deliver(mail('one'));
  const { position } = await drain(mailbox, null);
  clock.advance(0.9 * hour);
  assert.equal((await mailbox.list(position, 50)).position, position);
  clock.advance(0.2 * hour);
  deliver(mail('elsewhere'), { label: 'Other' });
  const renewed = await mailbox.list(position, 50);
  assert.notEqual(renewed.position, position);
  assert.deepEqual([renewed.arrivals, renewed.more, renewed.reset], [[], false, false]);
  google.expireHistory(address);
  assert.equal((await mailbox.list(position, 50)).reset, true, 'the old one is forgotten');
});

test('a large mailbox is listed oldest first, whatever comes and goes meanwhile', async (context) => {
  const { deliver, google, mailbox, open } = await setUpGmail(context);
  const now = Date.now();
  // Ten years of mail, denser towards today, and an import of 600 within one second.
  const sent = Array.from({ length: 1_400 }, (_, n) =>
    deliver(mail(`old ${n}`), { receivedAt: Math.floor(now - 3_650 * day * (1 - n / 1_400) ** 3) }),
  );
  const imported = Array.from({ length: 600 }, (_, n) => deliver(mail(`import ${n}`), { receivedAt: now - 40 * day }));
  const arrived: string[] = [];
  const deleted = sent.slice(1_300, 1_310);
  const { arrivals, position } = await drain(mailbox, null, 50, (listing) => {
    if (listing === 5) for (const id of deleted) google.remove(address, id);
    if (listing % 10 === 0) arrived.push(deliver(mail(`new ${listing}`)));
    // What is listed leaves the folder in between, as settling does: pages by number would skip others then.
    if (listing === 8)
      for (const id of sent.slice(0, 200)) google.label(address, id, { add: ['TRASH'], remove: ['INBOX'] });
  });
  const later = await drain(open(), position);
  const handles = [...arrivals, ...later.arrivals].map(({ handle }) => handle);
  const expected = [...sent, ...imported, ...arrived].filter((id) => !deleted.includes(id));
  assert.deepEqual(
    expected.filter((id) => !handles.includes(id)),
    [],
    'nothing is lost',
  );
  const dates = arrivals.map(({ receivedAt }) => Math.floor((receivedAt ?? 0) / 1_000));
  assert.deepEqual(
    dates,
    [...dates].sort((a, b) => a - b),
    'oldest first',
  );
  assert.ok(handles.length - new Set(handles).size <= arrived.length, 'only what came meanwhile may show up twice');
});

test('mail that is left alone is listed once, where what came after it is taken and leaves the folder', async (context) => {
  const { deliver, google, mailbox } = await setUpGmail(context);
  const begin = Date.now() - day;
  const all = Array.from({ length: 60 }, (_, n) => deliver(mail(`mail ${n}`), { receivedAt: begin + n * 1_000 }));
  const taken = (handle: string) => all.indexOf(handle) % 10 > 2;
  let next = await mailbox.list(null, 10);
  const handles = next.arrivals.map(({ handle }) => handle);
  while (next.more) {
    for (const { handle } of next.arrivals)
      if (taken(handle)) google.label(address, handle, { add: ['TRASH'], remove: ['INBOX'] });
    next = await mailbox.list(next.position, 10);
    handles.push(...next.arrivals.map(({ handle }) => handle));
  }
  assert.deepEqual(handles, all);
});

test('a position of an earlier version goes on behind the one message that it names', async (context) => {
  const { deliver, mailbox } = await setUpGmail(context);
  const all = Array.from({ length: 30 }, (_, n) => deliver(mail(`mail ${n}`), { receivedAt: Date.now() - day + n }));
  const { position } = await mailbox.list(null, 10);
  const earlier = JSON.stringify({ ...JSON.parse(position ?? ''), after: all[9] });
  const { arrivals } = await drain(mailbox, earlier);
  assert.deepEqual(
    arrivals.map(({ handle }) => handle),
    all.slice(10),
  );
});

test('mail at the very second where a span of time is halved is listed once', async (context) => {
  const now = Date.now();
  const { deliver, mailbox } = await setUpGmail(context, { clock: { now: () => now, advance: () => undefined } });
  const middle = Math.floor((Math.floor(now / 1_000) + day / 1_000) / 2);
  const before = Array.from({ length: 300 }, (_, n) =>
    deliver(mail(`before ${n}`), { receivedAt: (middle - 1) * 1_000 }),
  );
  const after = Array.from({ length: 300 }, (_, n) => deliver(mail(`after ${n}`), { receivedAt: middle * 1_000 }));
  const { arrivals } = await drain(mailbox, null, 50);
  assert.deepEqual(
    arrivals.map(({ handle }) => handle),
    [...before, ...after],
  );
});

test('a message that is labelled again and again does not hide those behind it', async (context) => {
  const { deliver, google, mailbox } = await setUpGmail(context);
  const { position } = await drain(mailbox, null);
  const restless = deliver(mail('restless'));
  for (let n = 0; n < 700; n += 1) {
    google.label(address, restless, { remove: ['INBOX'] });
    google.label(address, restless, { add: ['INBOX'] });
  }
  const behind = deliver(mail('behind'));
  const handles = (await drain(mailbox, position)).arrivals.map(({ handle }) => handle);
  assert.deepEqual([...new Set(handles)], [restless, behind]);
});

test('the position stays small, however large the mailbox', async (context) => {
  const { deliver, mailbox } = await setUpGmail(context);
  for (let n = 0; n < 2_000; n += 1) deliver(mail(`mail ${n}`), { receivedAt: Date.now() - n * hour });
  let longest = 0;
  let position: string | null = null;
  for (let more = true; more; ) {
    ({ position, more } = await mailbox.list(position, 200));
    longest = Math.max(longest, position?.length ?? 0);
  }
  // The ids that were listed last, 19 characters each, and the windows left of all that time: how many depends on the date.
  assert.ok(longest < 200 * 19 + 1_500, `${longest} characters`);
});

test('mail that was given the label counts as arrived, mail that lost it before the poll counts too', async (context) => {
  const { deliver, google, mailbox } = await setUpGmail(context);
  const elsewhere = deliver(mail('elsewhere'), { label: 'Other' });
  const { position } = await drain(mailbox, null);
  google.label(address, elsewhere, { add: ['INBOX'] });
  const archived = deliver(mail('archived at once'));
  google.label(address, archived, { remove: ['INBOX'] });
  const { arrivals } = await mailbox.list(position, 50);
  assert.deepEqual(
    arrivals.map(({ handle }) => handle),
    [elsewhere, archived],
  );
});

test('mail thrown away before the poll has not arrived, and one thrown away after it is gone', async (context) => {
  const { deliver, google, mailbox } = await setUpGmail(context);
  const { position } = await drain(mailbox, null);
  const before = deliver(mail('before'));
  google.label(address, before, { add: ['TRASH'], remove: ['INBOX'] });
  const after = deliver(mail('after'));
  const kept = deliver(mail('kept'));
  const handles = (await mailbox.list(position, 50)).arrivals.map(({ handle }) => handle);
  assert.deepEqual(handles, [after, kept]);
  google.label(address, after, { add: ['TRASH'], remove: ['INBOX'] });
  assert.deepEqual((await fetchAll(mailbox, handles)).map(subjectOf), ['(gone)', 'kept']);
});

test('more news than asked for are listed in their order over several listings', async (context) => {
  const { deliver, mailbox } = await setUpGmail(context);
  const { position } = await drain(mailbox, null);
  const sent = Array.from({ length: 1_234 }, (_, n) => deliver(mail(`mail ${n}`)));
  const { arrivals, position: end } = await drain(mailbox, position, 50);
  assert.deepEqual(
    arrivals.map(({ handle }) => handle),
    sent,
  );
  assert.deepEqual((await mailbox.list(end, 50)).arrivals, []);
});

test('the trash can be read as a folder like any other', async (context) => {
  const { deliver, open } = await setUpGmail(context);
  deliver(mail('thrown away'), { label: 'TRASH' });
  const mailbox = open('TRASH');
  const { arrivals } = await drain(mailbox, null);
  const [only] = await fetchAll(
    mailbox,
    arrivals.map(({ handle }) => handle),
  );
  assert.equal(subjectOf(only), 'thrown away');
});

test('a label that was removed is missed by name, not taken for an empty folder', async (context) => {
  const { deliver, google, open } = await setUpGmail(context);
  deliver(mail('one'), { label: 'Support' });
  const { position } = await drain(open('Support'), null);
  google.removeLabel(address, 'Support');
  await assert.rejects(open('Support').list(position, 50), {
    code: 'folder-not-found',
    kind: 'access',
    step: 'folder',
  });
});

test('a position that is not ours starts over, and says so', async (context) => {
  const { deliver, mailbox } = await setUpGmail(context);
  deliver(mail('one'));
  const listing = await mailbox.list('{"uid":7}', 50);
  assert.equal(listing.reset, true);
  assert.equal(listing.arrivals.length, 1);
});

test('fifty mails take five requests, from listing to settling', async (context) => {
  const { deliver, mailbox, requests } = await setUpGmail(context);
  const { position } = await drain(mailbox, null);
  for (let n = 0; n < 50; n += 1) deliver(mail(`mail ${n}`, 20_000));
  requests();
  const handles = (await mailbox.list(position, 50)).arrivals.map(({ handle }) => handle);
  assert.equal(requests().length, 2, 'history, then the sizes together');
  assert.equal((await fetchAll(mailbox, handles)).length, 50);
  assert.equal(requests().length, 3, 'twenty mails in each');
  await mailbox.settle(handles, 'mark-read', '');
  assert.equal(requests().length, 1);
});
