import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMailIn } from '../support/mail-in';

test('mail above the limit of its connection is downloaded whole, in as many parts as it takes', async (t) => {
  const mailIn = await startMailIn({ largestMailMb: 1 });
  t.after(mailIn.close);
  const raw = `From: ada@example.org\r\nSubject: Large\r\n\r\n${'0123456789'.repeat(420_000)}\r\n`;
  assert.deepEqual(await mailIn.take(raw), []);
  const { entries } = await mailIn.call('activity.list', { result: 'quarantined' });
  const parts: Buffer[] = [];
  for (let got = 0, size = 1; got < size; got += parts.at(-1)?.length ?? size) {
    const part = await mailIn.call('activity.raw', { id: entries[0]?.id ?? '', from: got });
    parts.push(Buffer.from(part.base64, 'base64'));
    size = part.size;
  }
  assert.ok(Buffer.concat(parts).toString().endsWith(raw));
});
