import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import type { AfterDownload } from '../../src/domain/connection';
import { afterDownloadActions } from '../../src/domain/connection';
import { ownMailReason } from '../../src/domain/own-mark';
import { pollConnection } from '../../src/intake/poll-connection';
import { createWorld, mail, markOfTests, type World } from '../support/world';

const notice = await markOfTests.put(mail('Your mailbox was suspended'));
const worldWith = (afterDownload: AfterDownload, raws = [mail('before'), notice, mail('after')]) =>
  createWorld(raws, { afterDownload, moveTo: afterDownload === 'move' ? 'Done' : '' });
const poll = (world: World) => pollConnection(world.ports(), 'c1', true);
const subjects = (world: World) => world.issues.map(({ draft }) => draft.summary);
const entryOf = (world: World, subject: string) => [...world.activity.values()].find((one) => one.subject === subject);

for (const afterDownload of afterDownloadActions) {
  test(`our own mail becomes no issue, is noted with the reason, and is left as it is (${afterDownload})`, async () => {
    const world = worldWith(afterDownload);
    await poll(world);
    assert.deepEqual(subjects(world), ['before', 'after']);
    const entry = entryOf(world, 'Your mailbox was suspended');
    assert.equal(entry?.result, 'skipped');
    assert.equal(entry?.reason, ownMailReason);
    assert.deepEqual(
      world.mails.map(({ seen, gone }) => seen || gone),
      [true, false, true],
    );
    assert.deepEqual(world.cursor()?.waiting, []);
  });
}

test('our own mail is skipped once, and not looked at again however often the mailbox is listed', async () => {
  const world = worldWith('mark-read');
  await poll(world);
  const at = entryOf(world, 'Your mailbox was suspended')?.at;
  world.mails.push({ uid: 9, raw: notice, seen: false, gone: false });
  world.advance(60_000);
  world.activity.clear();
  const steps: string[] = [];
  await pollConnection(world.ports({ step: (name, when) => void (when === 'after' && steps.push(name)) }), 'c1', true);
  assert.ok(!steps.includes('receipts.put'), steps.join(' '));
  assert.deepEqual(world.cursor()?.waiting, []);
  const entry = entryOf(world, 'Your mailbox was suspended');
  assert.deepEqual([entry?.result, entry?.reason, entry?.at], ['skipped', ownMailReason, at]);
  assert.deepEqual(subjects(world), ['before', 'after']);
});

test('mail that people write about our mail becomes an issue: a reply, a forward, a copy of its header', async () => {
  const head = 'From: Ada <ada@example.org>\r\n';
  const mark = /^X-Letterbox-Mark: .*\r\n/m.exec(Buffer.from(notice).toString())?.[0] ?? '';
  assert.notEqual(mark, '');
  const about = [
    `${head}Subject: Re: Your mailbox was suspended\r\nIn-Reply-To: <Your mailbox was suspended@example.org>\r\nReferences: <x@example.org>\r\n\r\n> Text of it\r\nWhy?`,
    `${head}Subject: Fwd: it\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n${Buffer.from(notice).toString()}\r\n--b--\r\n`,
    `${head}${mark}Subject: Hidden\r\n\r\nDo not look at this.`,
  ].map((raw) => Buffer.from(raw));
  const world = worldWith('delete', about);
  await poll(world);
  assert.deepEqual(subjects(world), ['Re: Your mailbox was suspended', 'Fwd: it', 'Hidden']);
});

test('a store that can not tell our key delays the mail, and neither hides it nor makes an issue of it', async () => {
  const world = worldWith('delete');
  let isBroken = true;
  const ports = () => {
    const all = world.ports();
    const isOn: typeof all.ownMark.isOn = async (message) => {
      if (isBroken) throw new AppError('store-unavailable', 'transient', 'No answer.');
      return all.ownMark.isOn(message);
    };
    return { ...all, ownMark: { ...all.ownMark, isOn } };
  };
  await pollConnection(ports(), 'c1', true);
  assert.deepEqual(subjects(world), []);
  isBroken = false;
  // At once: the claim was given back.
  await pollConnection(ports(), 'c1', true);
  assert.deepEqual(subjects(world), ['before', 'after']);
  assert.equal(entryOf(world, 'Your mailbox was suspended')?.result, 'skipped');
});
