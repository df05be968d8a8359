import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { fetchAll, isError } from '../../contract/fetched';
import { inbox } from '../../support/scripted-imap';
import { withServer } from '../../support/scripted-mailbox';

/** Servers that never stop talking: what they send must not fill the memory of a gateway that serves others too. */

const folderOfOne = { select: (tag: string) => `${inbox(1, 2)}${tag} OK [READ-WRITE] open` };

/** Sends `text` again and again, as fast as it is read, for as long as the connection lasts. */
function flood(socket: Socket, text: string): undefined {
  const pour = () => {
    while (!socket.destroyed && socket.write(text));
  };
  socket.on('drain', pour);
  pour();
}
const literal = 'x'.repeat(512 * 1024);
const row = (content: string) => `* 1 FETCH (UID 1 ${content} {${literal.length}}\r\n${literal})\r\n`;
const broken = isError('server-broken', 'transient');
const patient = { timeoutMs: 60_000 };

test('a sign-in that never ends is given up', () =>
  withServer(
    { on: { login: (_tag, _args, socket) => flood(socket, `* OK ${literal}\r\n`) } },
    (mailbox) => assert.rejects(mailbox.folders(), broken),
    patient,
  ));

test('an endless list of folders is given up', () =>
  withServer(
    {
      on: {
        list: (tag, args, socket) =>
          args === '"" "*"' ? flood(socket, `* OK ${literal}\r\n`) : `* LIST () "/" ""\r\n${tag} OK done`,
      },
    },
    (mailbox) => assert.rejects(mailbox.folders(), broken),
    patient,
  ));

test('endless headers are given up', () =>
  withServer(
    {
      on: {
        ...folderOfOne,
        'uid fetch': (_tag, _args, socket) => flood(socket, row('BODY[HEADER.FIELDS (FROM SUBJECT)]')),
      },
    },
    (mailbox) => assert.rejects(mailbox.preview(['7.1']), broken),
    patient,
  ));

test('rows without end of messages that nobody asked for are given up', () =>
  withServer(
    {
      on: {
        ...folderOfOne,
        'uid fetch': (tag, args, socket) =>
          args.includes('BODY')
            ? flood(socket, `* OK ${literal}\r\n`)
            : `* 1 FETCH (UID 1 RFC822.SIZE 9)\r\n${tag} OK done`,
      },
    },
    (mailbox) => assert.rejects(fetchAll(mailbox, ['7.1']), broken),
    patient,
  ));

test('thousands of folders, and a mail as large as it may be, are read', () => {
  const folders = Array.from({ length: 5_000 }, (_, index) => `* LIST () "/" "Customers/Number ${index}"\r\n`).join('');
  const mail = 'y'.repeat(1024 * 1024);
  return withServer(
    {
      on: {
        ...folderOfOne,
        list: (tag, args) => `${args === '"" "*"' ? folders : '* LIST () "/" ""\r\n'}${tag} OK done`,
        'uid fetch': (tag, args) =>
          args.includes('BODY')
            ? `* 1 FETCH (UID 1 BODY[] {${mail.length}}\r\n${mail})\r\n${tag} OK done`
            : `* 1 FETCH (UID 1 RFC822.SIZE ${mail.length})\r\n${tag} OK done`,
      },
    },
    async (mailbox) => {
      assert.equal((await mailbox.folders()).length, 5_000);
      const [fetched] = await fetchAll(mailbox, ['7.1'], mail.length);
      assert.equal(fetched?.outcome === 'raw' && fetched.raw.length, mail.length);
    },
    patient,
  );
});
