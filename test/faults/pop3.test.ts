import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { Meddling } from '../support/meddler';
import { faultTests } from './matrix';
import { assertTransient, type Inbox, type Stage, startStage } from './stage';

let stage: Stage;
before(async () => {
  stage = await startStage();
});
after(() => stage?.close());

const deleting = (meddling: Meddling = {}) =>
  stage.inbox({ provider: 'pop3', settings: { afterDownload: 'delete' }, meddling });

/** Changes what the server answers to a command, from its first line to its last. `struck` tells how often. */
function answersTo(command: RegExp, change: (line: string, number: number) => string | null) {
  let isAsked = false;
  let number = 0;
  const state = {
    struck: 0,
    command: (line: string) => {
      isAsked = command.test(line);
      number = 0;
      return undefined;
    },
    answer: (line: string) => {
      // One command at a time, so that it is clear what is answered.
      if (line.trim() === 'PIPELINING') return '';
      if (!isAsked) return line;
      number += 1;
      const told = change(line, number);
      if (told !== line) state.struck += 1;
      return told;
    },
  };
  return state;
}

/** Mail behind a message whose download is broken is not taken before that one, nor is a part of it. */
async function neverTruncated(inbox: Inbox, change: (line: string, number: number) => string | null): Promise<void> {
  await inbox.deliver('one', 'two');
  const broken = answersTo(/^RETR 1\b/, change);
  inbox.server.meddle(broken);
  inbox.server.hangUp();
  await inbox.poll();
  assert.ok(broken.struck > 0);
  assert.deepEqual(inbox.issues(), []);
  assert.equal(await inbox.left(), 2);
  inbox.server.meddle({});
  inbox.server.hangUp();
  await inbox.recovers(['one', 'two']);
  assert.equal(await inbox.left(), 0);
}

faultTests('pop3', {
  'the connection drops after DELE': async () => {
    const inbox = await deleting();
    await inbox.deliver('one', 'two');
    let drops = 0;
    inbox.server.meddle({
      command: (line, client) => {
        if (line.trim() !== 'QUIT' || drops > 3) return undefined;
        drops += 1;
        client.destroy();
        return '';
      },
    });
    await inbox.poll();
    assert.ok(drops > 0);
    assert.deepEqual(inbox.issues(), ['one', 'two']);
    assert.equal(await inbox.left(), 2, 'nothing is deleted by a session that did not end well');
    inbox.server.meddle({});
    await inbox.recovers(['one', 'two']);
    assert.equal(await inbox.left(), 0);
  },

  'the reply to QUIT is lost': async () => {
    const inbox = await deleting();
    await inbox.deliver('one', 'two');
    let isLost = false;
    inbox.server.meddle(
      answersTo(/^QUIT/, (line) => {
        if (isLost) return line;
        isLost = true;
        return null;
      }),
    );
    await inbox.recovers(['one', 'two']);
    assert.equal(isLost, true);
    assert.equal(await inbox.left(), 0);
  },

  'no UIDL': async () => {
    const inbox = await stage.inbox({
      provider: 'pop3',
      meddling: {
        command: (line) => (/^UIDL/i.test(line) ? '-ERR unknown command\r\n' : undefined),
        answer: (line) => (/^(UIDL|PIPELINING)\s*$/.test(line) ? '' : line),
      },
    });
    await inbox.deliver('one', 'two');
    await inbox.recovers(['one', 'two']);
    await inbox.deliver('three');
    await inbox.recovers(['one', 'two', 'three']);
  },

  'duplicate UIDL': async () => {
    const meddling = answersTo(/^UIDL\s*$/, (line) => line.replace(/^(\d+) \S+/, '$1 same'));
    const inbox = await deleting(meddling);
    await inbox.deliver('one', 'two', 'three');
    await inbox.recovers(['one', 'two', 'three']);
    assert.ok(meddling.struck > 0);
    assert.equal(await inbox.left(), 0);
  },

  'UIDL of 10 KB': async () => {
    const meddling = answersTo(/^UIDL\s*$/, (line) => line.replace(/^(\d+) (\S+)/, `$1 $2${'x'.repeat(10_240)}`));
    const inbox = await deleting(meddling);
    await inbox.deliver('one', 'two');
    await inbox.recovers(['one', 'two']);
    assert.ok(meddling.struck > 0);
    assert.equal(await inbox.left(), 0);
  },

  'missing terminator': async () => {
    const inbox = await deleting();
    // The text comes, its end never does.
    await neverTruncated(inbox, (line) => (line === '.\r\n' ? null : line));
  },

  'LF only': async () => {
    const inbox = await deleting();
    await neverTruncated(inbox, (line, number) => (number === 1 ? line : line.replace('\r\n', '\n')));
  },

  'mailbox locked': async () => {
    const inbox = await deleting();
    await inbox.deliver('one');
    inbox.server.meddle({
      command: (line) =>
        /^(PASS|AUTH)/i.test(line) ? '-ERR [IN-USE] Do you have another POP session running?\r\n' : undefined,
    });
    inbox.server.hangUp();
    await inbox.poll();
    await assertTransient(inbox);
    inbox.server.meddle({});
    await inbox.recovers(['one']);
    assert.equal(await inbox.left(), 0);
  },
});
