import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { readingAhead } from '../../src/gateway/read-ahead';
import { type Memory, memoryIsShort } from '../../src/mail/held-memory';
import type { Part, PartedMailbox } from '../../src/mail/parts';
import { mailText, type ScriptedFolder, scriptedFolder } from '../support/scripted-folder';
import { withServer } from '../support/scripted-mailbox';

const uids = [1, 2, 3, 4, 5, 6];
const handles = uids.map((uid) => `7.${uid}`);
const start = { index: 0, offset: 0 };
/** Room for two messages in an answer. */
const budget = 2 * mailText('mail 1').length;

/** Memory of `limit` bytes, and what is held of it. */
function countedMemory(limit = Number.POSITIVE_INFINITY) {
  const spares = new Set<() => void>();
  const memory: Memory & { held: number; limit: number; dropSpare(): void } = {
    held: 0,
    limit,
    take(bytes) {
      if (memory.held + bytes > memory.limit) throw memoryIsShort();
      memory.held += bytes;
    },
    give(bytes) {
      memory.held -= bytes;
    },
    spare(drop) {
      spares.add(drop);
      return () => void spares.delete(drop);
    },
    dropSpare() {
      for (const drop of spares) drop();
    },
  };
  return memory;
}

interface Stage {
  mailbox: PartedMailbox;
  memory: ReturnType<typeof countedMemory>;
  folder: ScriptedFolder;
  /** UIDs of each FETCH of texts. */
  fetched(): string[];
  logins(): number;
  /** Waits until as many answers with texts were asked for. */
  until(count: number): Promise<void>;
  /** Waits until so many bytes are held. */
  untilHeld(bytes: number): Promise<void>;
}

function staged(body: (stage: Stage) => Promise<void>, { isWanted = true, limit = Number.POSITIVE_INFINITY } = {}) {
  const folder = scriptedFolder(uids);
  return withServer({ on: folder.on }, async (inner, commands) => {
    const memory = countedMemory(limit);
    const mailbox = readingAhead(inner, memory, () => isWanted);
    const fetched = () => commands.flatMap((command) => /^UID FETCH (\S+) .*BODY\.PEEK/.exec(command)?.[1] ?? []);
    await body({
      mailbox,
      memory,
      folder,
      fetched,
      logins: () => commands.filter((command) => command.startsWith('LOGIN')).length,
      until: (count) => when(() => fetched().length >= count),
      untilHeld: (bytes) => when(() => memory.held === bytes),
    });
    await mailbox.close();
    assert.equal(memory.held, 0, 'bytes are held for ever');
  });
}

async function read(mailbox: PartedMailbox, of = handles, from = start, bytes = budget): Promise<string[]> {
  const told: string[] = [];
  for await (const part of mailbox.readParts(of, from, 1_000_000, bytes)) told.push(textOf(part));
  return told;
}

const textOf = (part: Part) =>
  part.outcome === 'part' ? Buffer.from(part.bytes).toString('latin1') : `${part.handle} is ${part.outcome}`;
const mails = (...numbers: number[]) => numbers.map((uid) => mailText(`mail ${uid}`));
async function when(isSo: () => boolean): Promise<void> {
  for (let turns = 0; turns < 100_000 && !isSo(); turns += 1) await turn();
  assert.ok(isSo());
}

/** Long enough for the server to answer, where nothing is to come of it. */
const settle = async () => {
  for (let turns = 0; turns < 200; turns += 1) await turn();
};

test('what did not fit into an answer is read while that is on its way, once, and in order', () =>
  staged(async ({ mailbox, memory, fetched, until, untilHeld, logins }) => {
    assert.deepEqual(await read(mailbox), mails(1, 2));
    await untilHeld(budget);
    assert.deepEqual(fetched(), ['1:2', '3:4']);
    assert.deepEqual(await read(mailbox, handles.slice(2)), mails(3, 4));
    await until(3);
    assert.deepEqual(await read(mailbox, handles, { index: 4, offset: 0 }), mails(5, 6));
    assert.equal(memory.held, 0);
    await settle();
    assert.deepEqual(fetched(), ['1:2', '3:4', '5:6']);
    assert.equal(logins(), 1);
  }));

test('the next request gets what is still being read', () =>
  staged(async ({ mailbox, fetched }) => {
    await read(mailbox);
    assert.deepEqual(await read(mailbox, handles.slice(2)), mails(3, 4));
    assert.deepEqual(fetched().slice(0, 2), ['1:2', '3:4']);
  }));

test('a request for anything else gets that, and what was read ahead is forgotten', () =>
  staged(async ({ mailbox, memory, until }) => {
    await read(mailbox);
    await until(2);
    assert.deepEqual(await read(mailbox, ['7.6', '7.1']), mails(6, 1));
    assert.equal(memory.held, 0);
    await read(mailbox);
    assert.deepEqual(await read(mailbox, handles.slice(2), { index: 0, offset: 5 }, 20), [
      mailText('mail 3').slice(5, 25),
    ]);
  }));

test('other calls find the mailbox free', () =>
  staged(async ({ mailbox, memory }) => {
    await read(mailbox);
    const { arrivals } = await mailbox.list(null, 50);
    assert.deepEqual(
      arrivals.map(({ handle }) => handle),
      handles,
    );
    assert.equal(memory.held, 0);
    await read(mailbox);
    assert.deepEqual(await mailbox.settle(['7.1'], 'mark-read', ''), [{ handle: '7.1', outcome: 'settled' }]);
    assert.deepEqual(await read(mailbox, handles.slice(2)), mails(3, 4));
  }));

test('nothing is read ahead when nothing is left, or while it is not wanted', async () => {
  await staged(async ({ mailbox, fetched }) => {
    await read(mailbox, handles.slice(0, 2));
    await settle();
    assert.deepEqual(fetched(), ['1:2']);
  });
  await staged(
    async ({ mailbox, fetched }) => {
      await read(mailbox);
      await settle();
      assert.deepEqual(fetched(), ['1:2']);
    },
    { isWanted: false },
  );
});

test('where memory is short nothing is kept, and it is read again', async () => {
  await staged(
    async ({ mailbox, memory, until }) => {
      await read(mailbox);
      await until(2);
      await settle();
      assert.equal(memory.held, 0);
      assert.deepEqual(await read(mailbox, handles.slice(2)), mails(3, 4));
    },
    { limit: budget - 1 },
  );
  await staged(async ({ mailbox, memory, untilHeld }) => {
    await read(mailbox);
    await untilHeld(budget);
    memory.dropSpare();
    assert.equal(memory.held, 0);
    assert.deepEqual(await read(mailbox, handles.slice(2)), mails(3, 4));
  });
});

test('a mail server that fails while nobody waits is asked again when somebody does', () =>
  staged(async ({ mailbox, folder, until, logins }) => {
    const answer = folder.on['uid fetch'];
    folder.on['uid fetch'] = (tag, args, socket) => {
      if (!args.startsWith('3')) return answer?.(tag, args, socket);
      folder.on['uid fetch'] = (...again) => answer?.(...again);
      socket.write(`${folder.row(3, 'BODY.PEEK[]')}* 4 FETCH (UID 4 BODY[] {1000}\r\nhalf`);
      socket.end();
      return undefined;
    };
    await read(mailbox);
    await until(2);
    await settle();
    assert.deepEqual(await read(mailbox, handles.slice(2)), mails(3, 4));
    assert.equal(logins(), 2);
  }));
