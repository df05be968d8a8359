import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mailbox } from '../../../src/domain/ports';
import { fetchAll, isError, rawText } from '../../contract/fetched';
import { chosenIn, deliver, type ScriptedFolder, scriptedFolder } from '../../support/scripted-folder';
import { withServer } from '../../support/scripted-mailbox';

/** Rows that the library can't read, and messages that the server can't describe: neither may be passed over, or hold up the others. */

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const uidOf = (handle: string) => Number(handle.split('.')[1]);
const uidsOf = ({ arrivals }: Awaited<ReturnType<Mailbox['list']>>) => arrivals.map(({ handle }) => uidOf(handle));
const unsearched = (tag: string) => `${tag} BAD what?`;

async function listAll(mailbox: Mailbox, limit: number): Promise<number[]> {
  const uids: number[] = [];
  let position: string | null = null;
  for (let more = true, count = 0; more && count < 200; count += 1) {
    const listing: Awaited<ReturnType<Mailbox['list']>> = await mailbox.list(position, limit);
    uids.push(...uidsOf(listing));
    ({ position, more } = listing);
  }
  return uids;
}

const keywords = [
  'Plan*B',
  '50%',
  'say"hi',
  'a\\b',
  '{x}',
  '(nested',
  'closed)',
  '"',
  'tab\there',
  'nul\0',
  '\x7f',
  'é',
  '[x',
  'x]',
  '{3}\r\nabc',
  'x'.repeat(3_000),
  '\\*',
  '\\',
  '%',
  'NIL',
];

for (const keyword of keywords) {
  for (const searches of [true, false]) {
    test(`mail with the keyword ${JSON.stringify(keyword.slice(0, 12))} is listed, fetched and marked as read${searches ? '' : ' without SEARCH'}`, () => {
      const folder = scriptedFolder([1, 2, 3, 7]);
      for (const uid of [2, 7]) folder.messages.get(uid)?.flags.add(keyword);
      if (!searches) folder.on['uid search'] = unsearched;
      return withServer({ on: folder.on }, async (mailbox) => {
        const listing = await mailbox.list(null, 50);
        assert.deepEqual(uidsOf(listing), [1, 2, 3, 7]);
        const handles = listing.arrivals.map(({ handle }) => handle);
        const subjects = (await fetchAll(mailbox, handles)).map((one) => /Subject: (.*)\r/.exec(rawText(one))?.[1]);
        assert.deepEqual(subjects, ['mail 1', 'mail 2', 'mail 3', 'mail 7']);
        const settled = await mailbox.settle(handles, 'mark-read', '');
        assert.deepEqual(
          settled.map(({ outcome }) => outcome),
          Array(4).fill('settled'),
        );
        for (const { flags } of folder.messages.values()) assert.ok(flags.has('\\Seen'));
        assert.deepEqual(uidsOf(await mailbox.list(listing.position, 50)), []);
        folder.messages.get(7)?.flags.delete('\\Seen');
        const next = deliver(folder, 'mail 8', { flags: new Set([keyword]) });
        assert.deepEqual(uidsOf(await mailbox.list(listing.position, 50)), [next]);
      });
    });
  }
}

const brokenDates = [
  'NIL',
  '01-Nov-2026',
  '01-Nov-2026 10:00:00 +0000',
  '"never"',
  '""',
  '{4}\r\nsoon',
  '(1 2)',
  '"01-Nov-2026 10:00',
];
for (const date of brokenDates) {
  test(`mail with the date ${JSON.stringify(date)} is listed`, () => {
    const folder = scriptedFolder([1, 2, 3]);
    Object.assign(folder.messages.get(2) ?? {}, { date });
    return withServer({ on: folder.on }, async (mailbox) => {
      assert.deepEqual(await listAll(mailbox, 2), [1, 2, 3]);
    });
  });
}

/** Answers a FETCH of these messages with NO, after the rows that it would have given, or those up to the first of them. */
function refusing(folder: ScriptedFolder, bad: readonly number[], stops: boolean, only?: RegExp): void {
  const fetch = folder.on['uid fetch'];
  folder.on['uid fetch'] = (tag, args, socket) => {
    const hit = chosenIn(args.split(' ')[0] ?? '', bad);
    if (hit.length === 0 || only?.test(args) === false) return fetch?.(tag, args, socket);
    const [set = '', ...items] = args.split(' ');
    const able = chosenIn(set, folder.messages.keys()).filter(
      (uid) => !hit.includes(uid) && (!stops || uid < Math.min(...hit)),
    );
    return `${able.map((uid) => folder.row(uid, items.join(' '))).join('')}${tag} NO Some messages could not be FETCHed (Failure)`;
  };
}

for (const [bad, count, limit] of [
  [[2], 4, 50],
  [[1], 1, 50],
  [[1, 2, 3], 9, 4],
  [[4, 40, 41, 90], 100, 50],
  [upTo(60), 100, 50],
] as const) {
  for (const stops of [false, true]) {
    for (const searches of [true, false]) {
      test(`of ${count} messages ${bad.length === 1 ? 'one' : bad.length} can't be described, and the answer ${stops ? 'stops there' : 'goes on'}: none is passed over${searches ? '' : ', without SEARCH'}`, () => {
        const folder = scriptedFolder(upTo(count));
        refusing(folder, bad, stops);
        if (!searches) folder.on['uid search'] = unsearched;
        return withServer({ on: folder.on }, async (mailbox) => {
          if (!searches && bad.length === count)
            return assert.rejects(mailbox.list(null, limit), isError('server-refused', 'transient'));
          const listed = searches || bad.length < limit ? await listAll(mailbox, limit) : upTo(count);
          assert.deepEqual(listed, upTo(count));
        });
      });
    }
  }
}

test('one message that can not be fetched is withheld, and those beside it come', () => {
  const folder = scriptedFolder(upTo(5));
  refusing(folder, [2], true, /BODY/);
  return withServer({ on: folder.on }, async (mailbox) => {
    const fetched = await fetchAll(
      mailbox,
      upTo(5).map((uid) => `7.${uid}`),
    );
    assert.deepEqual(
      fetched.map(({ handle, outcome }) => `${handle} ${outcome}`),
      ['7.1 raw', '7.3 raw', '7.4 raw', '7.5 raw'],
    );
  });
});

test('a server that is out of order for a while is not taken for one with a broken message', () => {
  const folder = scriptedFolder(upTo(5));
  folder.on['uid fetch'] = (tag, args) =>
    args.includes('BODY')
      ? `${tag} NO [UNAVAILABLE] backend is down`
      : `${upTo(5)
          .map((uid) => folder.row(uid, args))
          .join('')}${tag} OK`;
  return withServer({ on: folder.on }, async (mailbox) => {
    await assert.rejects(fetchAll(mailbox, ['7.1', '7.2']), isError('server-refused', 'transient'));
  });
});

test('an answer is no proof that a message is gone while a row of it could not be read', () => {
  const folder = scriptedFolder([1, 2]);
  folder.row = (uid, items) =>
    items.includes('BODY')
      ? `* ${uid} FETCH (UID ${uid} FLAGS (50%) BODY[] {2}\r\nhi)\r\n`
      : `* ${uid} FETCH (UID ${uid} FLAGS (50%))\r\n`;
  folder.on['uid search'] = unsearched;
  return withServer({ on: folder.on }, async (mailbox) => {
    assert.deepEqual(await fetchAll(mailbox, ['7.1', '7.2']), [], 'withheld, not gone');
  });
});

test('the negative control: a folder with holes and readable rows costs one search', () => {
  const folder = scriptedFolder([3, 9, 50]);
  return withServer({ on: folder.on }, async (mailbox, commands) => {
    assert.deepEqual(uidsOf(await mailbox.list(null, 50)), [3, 9, 50]);
    assert.equal(commands.filter((command) => command.startsWith('UID')).length, 2, commands.join('\n'));
  });
});
