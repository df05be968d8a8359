import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';
import { kvs } from '@forge/kvs';
import type { Receipt } from '../../src/domain/receipt';
import { originOf } from '../../src/intake/fingerprint';
import { keys } from '../../src/store/keys';
import { issueKey } from '../emulator/jira/state';
import { faultTests } from './matrix';
import { type Stage, startStage } from './stage';

let stage: Stage;
/** Happens while Jira makes the next issue. */
let meanwhile: () => Promise<unknown> = async () => undefined;
before(async () => {
  stage = await startStage({
    inFrontOfJira: (jira) => ({
      ...jira,
      handle: async (request) => {
        const answer = await jira.handle(request);
        const happens = meanwhile;
        if (request.method !== 'POST' || request.path !== '/rest/api/3/issue') return answer;
        meanwhile = async () => undefined;
        await happens();
        return answer;
      },
    }),
  });
});
after(() => stage?.close());
afterEach(() => {
  meanwhile = async () => undefined;
});

const swept = (name: string) => ({ file: 'test/support/sweep.ts', name });
const sweptImap = (name: string) => ({ file: 'test/faults/sweep-imap.test.ts', name });

faultTests('store', {
  'a write or read of KVS fails at every step': swept('loses and doubles nothing when any call of a poll fails'),
  'kill at every step': swept('loses and doubles nothing when a poll is killed'),
  'kill at every two steps': sweptImap('loses and doubles nothing when the poll that takes over is killed too'),
  'two runs at once': sweptImap('loses and doubles nothing when two polls run at once and one is killed anywhere'),
  'holder paused past its time': {
    file: 'test/intake/crash-sweep.test.ts',
    name: 'creates nothing when a run was held up past its time before the issue',
  },
  'the clock is an hour ahead': sweptImap('loses and doubles nothing when the clock of the poll after a killed one is'),
  'the clock is an hour behind': sweptImap(
    'loses and doubles nothing when the clock of the poll after a killed one is',
  ),

  'connection edited in the middle of a run': async () => {
    const inbox = await stage.inbox({ settings: { afterDownload: 'delete' } });
    await inbox.deliver('one', 'two', 'three');
    const { version, settings } = await inbox.view();
    meanwhile = () =>
      stage.product.call('connections.update', {
        id: inbox.id,
        version,
        settings: { ...settings, target: { projectId: '10100', issueTypeId: '10001' } },
      });
    await inbox.poll();
    assert.deepEqual(inbox.issues(), ['one']);
    await inbox.recovers(['one', 'two', 'three']);
    const projects = stage.product.jira.state.all().map((issue) => issueKey(issue).split('-')[0]);
    assert.deepEqual(projects.slice(-3), ['SUP', 'DEV', 'DEV']);
    assert.equal(await inbox.left(), 0);
  },

  'connection deleted in the middle of a run': async () => {
    const inbox = await stage.inbox({ settings: { afterDownload: 'delete' } });
    await inbox.deliver('one', 'two', 'three');
    const { version } = await inbox.view();
    meanwhile = () => stage.product.call('connections.delete', { id: inbox.id, version });
    await inbox.poll();
    await stage.product.forge.advance(3_600);
    await stage.product.forge.drain();
    assert.deepEqual(inbox.issues(), ['one']);
    assert.equal(await inbox.left(), 3, 'nothing leaves the mailbox of a connection that is gone');
    const left = Object.keys(stage.product.forge.storage('')).filter(
      (key) => key.includes(inbox.id) && !key.startsWith('receipt:') && !key.startsWith('activity/'),
    );
    assert.deepEqual(left, []);
  },

  'old receipt format': async () => {
    const inbox = await stage.inbox({ settings: { afterDownload: 'delete' } });
    const { settings } = await inbox.view();
    const mail = (subject: string, body = '') =>
      `Subject: ${subject}\r\nMIME-Version: 1.0\r\n${body}\r\nText to ${inbox.user}.\r\n`;
    const file =
      'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\na\r\n--b--\r\n';
    // As earlier versions wrote them: without the time of giving up, without the note on attachments that Jira refused.
    const half = stage.product.jira.state.all().at(-1);
    assert.ok(half);
    const files = half.attachments.length;
    const old: [string, object][] = [
      [mail('done'), { state: 'done', issueKey: 'SUP-1' }],
      [mail('half', file), { state: 'created', issueKey: issueKey(half), paused: true }],
      [mail('given up'), { state: 'quarantined', code: 'jira-refused', reason: 'Jira refused it.' }],
      [mail('claimed'), { state: 'claimed' }],
    ];
    await stage.product.forge.run(async () => {
      const connection = { id: inbox.id, version: 1, state: 'enabled', settings, createdAt: 0, updatedAt: 0 } as const;
      for (const [raw, receipt] of old) {
        const origin = originOf({ ...connection, logUntil: 0 }, '', Buffer.from(raw));
        await kvs.set(keys.receipt(origin), receipt as Receipt);
      }
    });
    await inbox.raw(...old.map(([raw]) => raw));
    await inbox.recovers(['claimed']);
    assert.equal(stage.product.jira.state.find(issueKey(half))?.attachments.length, files + 1);
    assert.equal((await inbox.givenUp()).length, 1);
    assert.equal(await inbox.left(), 1);
    const { entries } = await stage.product.call('activity.list', { connectionId: inbox.id, result: 'quarantined' });
    await stage.product.call('activity.reprocess', { id: entries[0]?.id ?? '' });
    await stage.product.forge.drain();
    assert.deepEqual(inbox.issues(), ['claimed', 'given up']);
    assert.equal(await inbox.left(), 0);
  },
});
