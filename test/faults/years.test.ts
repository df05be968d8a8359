import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { type HttpStage, startHttpStage } from './http-stage';
import { faultTests } from './matrix';
import { type Inbox, type Stage, startStage } from './stage';

/** Mail that lies in its mailbox for longer than anything is kept of it. */

let stage: Stage;
let http: HttpStage;
before(async () => {
  stage = await startStage();
  http = await startHttpStage();
});
after(async () => {
  await http?.close();
  await stage?.close();
});

const daySeconds = 86_400;
const pass = (days: number) => stage.product.forge.advance(days * daySeconds);
const number = (inbox: Inbox, validity: number) =>
  stage.dovecot.doveadm('mailbox', 'update', '--uid-validity', String(validity), '-u', inbox.user, 'INBOX');

faultTests('years', {
  'the same mailbox after 400 days with new UIDVALIDITY': async () => {
    const inbox = await stage.inbox({ before: ['one', 'two'] });
    await pass(400);
    await number(inbox, 4711);
    await inbox.deliver('three');
    await inbox.recovers(['one', 'two', 'three']);
    // Once more a while later: the receipts are there again.
    await pass(200);
    await number(inbox, 4712);
    await inbox.recovers(['one', 'two', 'three']);
  },

  'the host is renamed after 400 days': async () => {
    const inbox = await stage.inbox({ before: ['one', 'two'] });
    await pass(400);
    await inbox.deliver('three');
    const { version, settings } = await inbox.view();
    const renamed = { ...settings, host: '127.0.0.1' } as typeof settings;
    await stage.product.call('connections.update', { id: inbox.id, version, settings: renamed, password: 'secret' });
    await stage.product.forge.drain();
    await inbox.recovers(['one', 'two', 'three']);
  },

  'a move that is refused, and new UIDVALIDITY after 100 days': async () => {
    const settings = { afterDownload: 'move', moveTo: 'Nowhere' };
    const inbox = await stage.inbox({ before: ['one', 'two'], settings });
    for (let round = 0; round < 8; round += 1) {
      await stage.product.forge.advance(7_200);
      await inbox.poll();
    }
    await pass(100);
    await number(inbox, 4711);
    await inbox.deliver('three');
    await inbox.poll();
    assert.deepEqual(inbox.issues(), ['one', 'two', 'three']);
    assert.equal(await inbox.left(), 3);
  },

  'the provider forgets its history after 400 days': async () => {
    for (const provider of ['gmail', 'graph'] as const) {
      const inbox = await http.inbox(provider);
      const { version, settings } = await inbox.view();
      const kept = { ...settings, afterDownload: 'mark-read' } as typeof settings;
      await http.call('connections.update', { id: inbox.id, version, settings: kept });
      inbox.deliver('one', 'two');
      await inbox.poll();
      await http.forge.advance(400 * daySeconds);
      inbox.forget();
      inbox.deliver('three');
      for (let round = 0; round < 2; round += 1) await inbox.poll();
      assert.deepEqual(inbox.issues(), ['one', 'two', 'three'], provider);
    }
  },

  'the provider forgets its history at once': async () => {
    for (const provider of ['gmail', 'graph'] as const) {
      const inbox = await http.inbox(provider);
      const { version, settings } = await inbox.view();
      const kept = { ...settings, afterDownload: 'mark-read' } as typeof settings;
      await http.call('connections.update', { id: inbox.id, version, settings: kept });
      inbox.deliver('one', 'two');
      await inbox.poll();
      inbox.asked();
      inbox.forget();
      inbox.deliver('three');
      await inbox.poll();
      const downloads = inbox.asked().filter((call) => inbox.calls.raw.test(`${call.method} ${call.path}`));
      assert.equal(downloads.length, 1, provider);
      assert.deepEqual(inbox.issues(), ['one', 'two', 'three']);
    }
  },
});
