import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { faultTests } from './matrix';
import { type Stage, startStage } from './stage';

let stage: Stage;
before(async () => {
  stage = await startStage();
});
after(() => stage?.close());

const mail = (user: string, subject: string, id: string) =>
  `Subject: ${subject}\r\nMessage-ID: <${id}@example.org>\r\n\r\nText to ${user}.\r\n`;

faultTests('copies', {
  'same Message-ID, different content': async () => {
    const inbox = await stage.inbox({ settings: { afterDownload: 'delete' } });
    await inbox.raw(mail(inbox.user, 'one', 'same'), mail(inbox.user, 'two', 'same'));
    await inbox.recovers(['one', 'two']);
    assert.equal(await inbox.left(), 0);
  },

  'byte-identical copy': async () => {
    for (const afterDownload of ['delete', 'mark-read']) {
      const inbox = await stage.inbox({ settings: { afterDownload, name: afterDownload } });
      const copy = mail(inbox.user, 'one', 'copied');
      await inbox.raw(copy, copy);
      await inbox.recovers(['one']);
      await inbox.raw(copy);
      await inbox.recovers(['one']);
      assert.equal(await inbox.left(), afterDownload === 'delete' ? 0 : 3);
    }
  },

  'same mail to two connections': async () => {
    const [left, right] = [await stage.inbox(), await stage.inbox()];
    const both = mail(left.user, 'to both', 'both').replace('.\r\n', `. Text to ${right.user}.\r\n`);
    await left.raw(both);
    await right.raw(both);
    await left.poll();
    await right.recovers(['to both', 'to both']);
    await left.recovers(['to both', 'to both']);
  },
});
