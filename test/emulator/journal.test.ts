import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openJournal } from './journal';

const folder = mkdtempSync(join(tmpdir(), 'letterbox-journal-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('gives back what was appended, in order', () => {
  const file = join(folder, 'order');
  const journal = openJournal(file);
  journal.append({ n: 1 });
  journal.append({ n: 2, text: 'two\nlines' });
  journal.close();
  assert.deepEqual(openJournal(file).records, [{ n: 1 }, { n: 2, text: 'two\nlines' }]);
});

test('drops a last line that was cut off, and goes on behind the whole ones', () => {
  const file = join(folder, 'torn');
  const journal = openJournal(file);
  journal.append({ n: 1 });
  journal.close();
  appendFileSync(file, '{"n":2,"te');
  const reopened = openJournal(file);
  assert.deepEqual(reopened.records, [{ n: 1 }]);
  reopened.append({ n: 3 });
  reopened.close();
  assert.deepEqual(openJournal(file).records, [{ n: 1 }, { n: 3 }]);
});

test('refuses a file that is broken in the middle rather than losing what follows', () => {
  const file = join(folder, 'broken');
  appendFileSync(file, '{"n":1}\n{"n":\n{"n":3}\n');
  assert.throws(() => openJournal(file), SyntaxError);
});

test('holds only the remaining records after compaction', () => {
  const file = join(folder, 'compact');
  const journal = openJournal(file);
  for (let n = 0; n < 100; n += 1) journal.append({ n });
  journal.compact([{ n: 99 }]);
  journal.append({ n: 100 });
  journal.close();
  assert.equal(readFileSync(file, 'utf8'), '{"n":99}\n{"n":100}\n');
});

test('writes nothing once it is closed', () => {
  const file = join(folder, 'closed');
  const journal = openJournal(file);
  journal.close();
  journal.append({ n: 1 });
  assert.deepEqual(openJournal(file).records, []);
});

test('keeps nothing without a file', () => {
  const journal = openJournal(null);
  journal.append({ n: 1 });
  assert.deepEqual(journal.records, []);
});
