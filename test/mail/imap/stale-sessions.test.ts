import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { imapLimits } from '../../../src/mail/imap/limits';
import { fetchAll, rawText } from '../../contract/fetched';
import { deliver, type ScriptedFolder, scriptedFolder } from '../../support/scripted-folder';
import type { Reply } from '../../support/scripted-imap';
import { withServer } from '../../support/scripted-mailbox';

/** Sessions whose view of the folder is older than the folder (Courier), and folders that were put back or made anew. */

/** Each session sees the folder as it was when it last did one of `looks`; mail that went since is there with a text of the server's. */
function courier(folder: ScriptedFolder, looks: readonly string[]): Record<string, Reply> {
  const views = new WeakMap<Socket, Map<number, string>>();
  const look = (socket: Socket) => views.set(socket, new Map([...folder.messages].map(([uid, { raw }]) => [uid, raw])));
  const within =
    (command: string): Reply =>
    (tag, args, socket) => {
      if (looks.includes(command)) {
        const before = views.get(socket)?.size;
        look(socket);
        if (command === 'noop' && before !== views.get(socket)?.size)
          return `* ${folder.messages.size} EXISTS\r\n${tag} OK done`;
      }
      if (command === 'noop') return `${tag} OK done`;
      if (!command.startsWith('uid')) return folder.on[command]?.(tag, args, socket);
      const now = new Map(folder.messages);
      const view = views.get(socket) ?? new Map();
      for (const uid of now.keys()) if (!view.has(uid)) folder.messages.delete(uid);
      for (const uid of view.keys())
        if (!now.has(uid))
          folder.messages.set(uid, { flags: new Set(), raw: 'Subject: message unavailable\r\n\r\nGone.\r\n' });
      const answer = folder.on[command]?.(tag, args, socket);
      folder.messages.clear();
      for (const [uid, message] of now) folder.messages.set(uid, message);
      return answer;
    };
  return Object.fromEntries(
    ['select', 'status', 'noop', 'uid fetch', 'uid search', 'uid store'].map((name) => [name, within(name)]),
  );
}

for (const looks of [['select', 'noop'], ['select', 'status', 'noop'], ['select']]) {
  test(`new mail is listed at once where only ${looks.join(' and ')} look for it`, () => {
    const folder = scriptedFolder([1, 2]);
    return withServer({ on: courier(folder, looks) }, async (mailbox) => {
      const first = await mailbox.list(null, 50);
      assert.equal(first.arrivals.length, 2);
      deliver(folder, 'new');
      assert.deepEqual(
        (await mailbox.list(first.position, 50)).arrivals.map(({ handle }) => handle),
        ['7.3'],
      );
    });
  });
}

test('a server whose answers tell of new mail is asked once, when there is none', () => {
  const folder = scriptedFolder([1]);
  return withServer({ greeting: '* OK Dovecot ready.', on: folder.on }, async (mailbox, commands) => {
    const { position } = await mailbox.list(null, 50);
    commands.length = 0;
    assert.deepEqual((await mailbox.list(position, 50)).arrivals, []);
    assert.equal(commands.length, 1, commands.join('\n'));
  });
});

test('the text that a server has for an expunged mail is not taken for the mail, which is gone', () => {
  const folder = scriptedFolder([1, 2, 3]);
  return withServer({ on: courier(folder, ['select']) }, async (mailbox) => {
    const handles = (await mailbox.list(null, 50)).arrivals.map(({ handle }) => handle);
    folder.messages.delete(2);
    const fetched = await fetchAll(mailbox, handles);
    assert.deepEqual(
      fetched.map(({ outcome }) => outcome),
      ['raw', 'gone', 'raw'],
    );
  });
});

test('a server whose sizes are never right is believed, and asked in few sessions', () => {
  const folder = scriptedFolder([1, 2, 3, 4, 5, 6]);
  for (const message of folder.messages.values()) message.size = message.raw.length + 10;
  return withServer({ on: folder.on }, async (mailbox, commands) => {
    const handles = (await mailbox.list(null, 50)).arrivals.map(({ handle }) => handle);
    const fetched = await fetchAll(mailbox, handles);
    assert.deepEqual(
      fetched.map((one) => /Subject: (.*)\r/.exec(rawText(one))?.[1]),
      handles.map((_, index) => `mail ${index + 1}`),
    );
    assert.ok(commands.filter((command) => command.startsWith('LOGIN')).length <= 3, commands.join('\n'));
  });
});

test('a stretch that comes short in the middle is not the end', () => {
  const folder = scriptedFolder([1]);
  const stretch = imapLimits.stretchBytes;
  const raw = 'x'.repeat(3 * stretch);
  folder.messages.set(1, { flags: new Set(), raw });
  const row = folder.row;
  folder.row = (uid, items) => {
    const [, start, length] = /<(\d+)\.(\d+)>/.exec(items) ?? [];
    return row(
      uid,
      Number(start) >= stretch && Number(start) < 2 * stretch
        ? items.replace(`.${length}>`, `.${Math.max(0, Number(length) - 1_000)}>`)
        : items,
    );
  };
  return withServer(
    { on: folder.on },
    async (mailbox) => {
      let bytes = 0;
      let last = false;
      for await (const part of mailbox.readParts(['7.1'], { index: 0, offset: 0 }, 4 * stretch, 2.5 * stretch)) {
        if (part.outcome === 'part') bytes += part.bytes.length;
        if (part.outcome === 'part') last = part.last;
      }
      assert.deepEqual([bytes, last], [2.5 * stretch, false]);
    },
    { largestMailMb: 16 },
  );
});

test('rows in reverse order hold no more than was announced', () => {
  const uids = [1, 2, 3, 4, 5, 6, 7, 8];
  const folder = scriptedFolder(uids);
  for (const uid of uids) folder.messages.set(uid, { flags: new Set(), raw: `${uid}`.repeat(900_000), size: 1 });
  const fetch = folder.on['uid fetch'];
  folder.on['uid fetch'] = (tag, args, socket) => {
    if (!args.includes('BODY')) return fetch?.(tag, args, socket);
    const rows = [...(fetch?.(tag, args, socket) ?? '').split(/(?=\* \d+ FETCH)/)];
    const end = `${tag} OK done`;
    return (
      rows
        .map((one) => one.replace(end, ''))
        .reverse()
        .join('') + end
    );
  };
  return withServer(
    { on: folder.on },
    async (mailbox, commands) => {
      let bytes = 0;
      for await (const part of mailbox.readParts(
        uids.map((uid) => `7.${uid}`),
        { index: 0, offset: 0 },
        1024 * 1024,
        2_000_000,
      ))
        if (part.outcome === 'part') bytes += part.bytes.length;
      assert.ok(bytes >= 900_000 && bytes <= 2_900_000, `${bytes}`);
      assert.ok(
        commands.some((command) => /^UID FETCH 1 .*BODY/.test(command)),
        'asked for one by one',
      );
    },
    { timeoutMs: 20_000 },
  );
});

for (const arrived of [2, 6]) {
  test(`a folder that was restored from a backup is listed anew, ${arrived} mails after that`, () => {
    const folder = scriptedFolder([1, 2, 3, 4, 5, 6]);
    return withServer({ on: folder.on }, async (mailbox) => {
      const { position } = await mailbox.list(null, 50);
      for (const uid of [4, 5, 6]) folder.messages.delete(uid);
      folder.uidNext = 4;
      for (let count = 0; count < arrived; count += 1) deliver(folder, 'new', { date: '"09-Nov-2026 10:11:12 +0000"' });
      await mailbox.close();
      await withServer({ on: folder.on }, async (later) => {
        const listing = await later.list(position, 50);
        assert.equal(listing.reset, true);
        assert.equal(listing.arrivals.length, 3 + arrived);
        assert.equal((await later.list(listing.position, 50)).reset, false);
      });
    });
  });
}

test('the negative control: a witness that was moved away, or is as it was, resets nothing', () => {
  const folder = scriptedFolder([1, 2, 3]);
  return withServer({ on: folder.on }, async (mailbox) => {
    const { position } = await mailbox.list(null, 50);
    assert.equal((await mailbox.list(position, 50)).reset, false);
    folder.messages.delete(3);
    const again = await mailbox.list(position, 50);
    assert.deepEqual([again.reset, again.position], [false, position]);
    assert.equal((await mailbox.list('7:3', 50)).reset, false, 'a position of an earlier version');
  });
});

for (const how of ['refuses all', 'says nothing']) {
  test(`a session whose folder was made anew, and that ${how}, is dropped at once`, () => {
    const folder = scriptedFolder([1, 2]);
    const born = new WeakMap<Socket, number>();
    const view =
      (command: string): Reply =>
      (tag, args, socket) => {
        if (command === 'select') born.set(socket, folder.validity);
        if (command === 'status' || born.get(socket) === folder.validity)
          return folder.on[command]?.(tag, args, socket);
        return how === 'refuses all' ? `${tag} NO Mailbox does not exist` : `${tag} OK done`;
      };
    const on = Object.fromEntries(['select', 'status', 'uid fetch', 'uid search'].map((name) => [name, view(name)]));
    return withServer({ on }, async (mailbox) => {
      const { position } = await mailbox.list(null, 50);
      folder.validity = 8;
      const listing = await mailbox.list(position, 50);
      assert.deepEqual([listing.reset, listing.arrivals.length], [true, 2]);
    });
  });
}

test('mail that is flagged as deleted is taken once the flag is gone, and counted only then', () => {
  const folder = scriptedFolder([1, 2, 3]);
  folder.messages.get(2)?.flags.add('\\Deleted');
  return withServer({ greeting: '* OK Dovecot ready.', on: folder.on }, async (mailbox, commands) => {
    assert.equal((await mailbox.estimate({ from: 'everything' })).count, 2);
    assert.equal((await mailbox.estimate({ from: 'unread' })).count, 2);
    assert.deepEqual((await mailbox.check()).messages, { total: 2, unread: 2 });
    const first = await mailbox.list(null, 50);
    assert.deepEqual(
      first.arrivals.map(({ handle }) => handle),
      ['7.1', '7.3'],
    );
    commands.length = 0;
    assert.equal((await mailbox.list(first.position, 50)).position, first.position);
    assert.equal(commands.length, 1, 'still one round trip');
    folder.messages.get(2)?.flags.delete('\\Deleted');
    const then = await mailbox.list(first.position, 50);
    assert.deepEqual(
      then.arrivals.map(({ handle }) => handle),
      ['7.2'],
    );
    assert.deepEqual((await mailbox.list(then.position, 50)).arrivals, []);
  });
});
