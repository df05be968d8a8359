import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../../src/domain/app-error';
import { imapLimits } from '../../../src/mail/imap/limits';
import { isError } from '../../contract/fetched';
import { scriptedFolder } from '../../support/scripted-folder';
import { withServer } from '../../support/scripted-mailbox';

/** What a server makes us hold of its messages is counted, and what nobody asked for is little. */

const mailBytes = 600_000;
const budget = 4_000_000;
const count = 6;
const uids = Array.from({ length: count }, (_, index) => index + 1);
const handles = uids.map((uid) => `7.${uid}`);
const start = { index: 0, offset: 0 };

/** Counts what is held, and how much that was at most. */
function countedMemory() {
  let [held, most] = [0, 0];
  const memory = {
    take(bytes: number) {
      held += bytes;
      most = Math.max(most, held);
    },
    give(bytes: number) {
      held -= bytes;
    },
    spare: () => () => {},
  };
  return { memory, held: () => held, most: () => most };
}

/** A folder of mails as long as it says; `answer` changes what a FETCH of them is answered with. */
function folderOf(answer: (rows: string[], args: string) => string[]) {
  const folder = scriptedFolder(uids);
  for (const uid of uids) folder.messages.set(uid, { flags: new Set(), raw: `${uid}`.repeat(mailBytes) });
  const fetch = folder.on['uid fetch'];
  folder.on['uid fetch'] = (tag, args, socket) => {
    const said = fetch?.(tag, args, socket);
    if (said === undefined || !args.includes('BODY')) return said;
    const end = `${tag} OK done`;
    const rows = said.replace(end, '').split(/(?=\* \d+ FETCH)/);
    return answer(rows, args).join('') + end;
  };
  return folder;
}

async function read(parts: AsyncIterable<{ outcome: string }>): Promise<string[]> {
  const outcomes: string[] = [];
  for await (const { outcome } of parts) outcomes.push(outcome);
  return outcomes;
}

test('mail that waits for its turn counts as held, until it is handed on', async () => {
  const { memory, held, most } = countedMemory();
  const folder = folderOf((rows) => rows.reverse());
  await withServer(
    { on: folder.on },
    async (mailbox) => {
      assert.deepEqual(await read(mailbox.readParts(handles, start, mailBytes, budget)), Array(count).fill('part'));
      assert.ok(most() >= (count - 1) * mailBytes, `${most()} bytes`);
      assert.ok(most() <= budget + mailBytes, `${most()} bytes`);
      assert.equal(held(), 0);
    },
    { timeoutMs: 20_000 },
    { memory },
  );
});

test('whoever may hold no more gets the mail that waits dropped, and told so', async () => {
  const short = isError('gateway-memory', 'transient');
  const { memory, held } = countedMemory();
  const take = (bytes: number) => {
    if (held() + bytes > 2 * mailBytes) throw new AppError('gateway-memory', 'transient', 'Too much.');
    memory.take(bytes);
  };
  const folder = folderOf((rows) => rows.reverse());
  await withServer(
    { on: folder.on },
    async (mailbox) => {
      await assert.rejects(read(mailbox.readParts(handles, start, mailBytes, budget)), short);
      assert.equal(held(), 0);
    },
    { timeoutMs: 20_000 },
    { memory: { ...memory, take } },
  );
});

/** The rows, and texts of messages that nobody asked for before them. */
const withUnasked = (bytes: number) =>
  folderOf((rows) => {
    const text = 'z'.repeat(100_000);
    const unasked = `* 9 FETCH (UID 99 BODY[] {${text.length}}\r\n${text})\r\n`;
    return [unasked.repeat(Math.ceil(bytes / text.length)), ...rows];
  });

test('texts of mails that nobody asked for end the session when they are more than a few', () =>
  withServer(
    { on: withUnasked(imapLimits.surplusBytes + 100_001).on },
    (mailbox) =>
      assert.rejects(read(mailbox.readParts(handles, start, mailBytes, budget)), isError('server-broken', 'transient')),
    { timeoutMs: 20_000 },
  ));

test('the same mail again and again ends the session too', () =>
  withServer(
    { on: folderOf(([first = '']) => [first.repeat(Math.ceil(imapLimits.surplusBytes / mailBytes) + 2)]).on },
    (mailbox) =>
      assert.rejects(read(mailbox.readParts(handles, start, mailBytes, budget)), isError('server-broken', 'transient')),
    { timeoutMs: 20_000 },
  ));

test('the negative control: a few texts that nobody asked for cost no mail', () =>
  withServer(
    { on: withUnasked(imapLimits.surplusBytes - 200_000).on },
    async (mailbox) =>
      assert.deepEqual(await read(mailbox.readParts(handles, start, mailBytes, budget)), Array(count).fill('part')),
    { timeoutMs: 20_000 },
  ));
