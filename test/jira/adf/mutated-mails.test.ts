import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { jiraLimits, messageLimits } from '../../../src/domain/limits';
import { describe } from '../../../src/jira/description';
import { parseMessage } from '../../../src/mail/mime';
import { assertValidDocument } from '../../support/adf-schema';
import { draftOf } from '../drafts';

/** From raw bytes to the document that Jira gets: bytes of any kind, and real mail that was damaged on its way. */
const folders = [
  fileURLToPath(new URL('../../fixtures/mail', import.meta.url)),
  process.env.MAIL_CORPORA ?? new URL('../../../../shared/corpora', import.meta.url).pathname,
].filter(existsSync);
const mails = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.eml'))
    .map((name) => readFileSync(join(folder, name)))
    .filter((raw) => raw.length > 0 && raw.length < 100_000),
);

/** Milliseconds of computing that a mail may take. */
const mostMs = 2_000;

async function check(raw: Uint8Array): Promise<void> {
  const started = process.cpuUsage();
  const message = await parseMessage(raw);
  const { document } = describe(draftOf(message));
  const { user, system } = process.cpuUsage(started);
  assert.ok((user + system) / 1_000 < mostMs, `took ${(user + system) / 1_000} ms`);
  assertValidDocument(document);
  assert.ok(JSON.stringify(document).length <= jiraLimits.documentChars);
  assert.ok(message.subject.length <= messageLimits.subjectChars);
  assert.ok(message.attachments.length <= messageLimits.parts);
  for (const { fileName } of message.attachments) assert.doesNotMatch(fileName, /[/\\\p{Cc}]/u);
}

type Mutation = (raw: Buffer) => Buffer;
/** A place in a mail, as a share of its length. */
const place = fc.double({ min: 0, max: 1, noNaN: true });
const at = (raw: Buffer, share: number) => Math.floor(share * raw.length);
const within = (raw: Buffer, from: number, to: number) =>
  [at(raw, Math.min(from, to)), at(raw, Math.max(from, to))] as const;
/** What mail is structured by. */
const words = fc.constantFrom(
  '\r\n',
  '\n',
  '\r\n\r\n',
  '\0',
  '--',
  'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'Content-Type: text/html; charset=utf-16\r\n',
  '=?utf-8?Q?=FF?=',
  '<table><td><table>',
  '<a href="javascript:x">',
  '</',
  '=',
  '\ud800',
);

const mutations: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, place).map(
    ([from, to]): Mutation =>
      (raw) => {
        const [start, end] = within(raw, from, to);
        return Buffer.concat([raw.subarray(0, start), raw.subarray(end)]);
      },
  ),
  fc.tuple(place, place, fc.integer({ min: 2, max: 5 })).map(
    ([from, to, times]): Mutation =>
      (raw) => {
        const [start, end] = within(raw, from, to);
        const repeated = Array.from({ length: times }, () => raw.subarray(start, end));
        return Buffer.concat([raw.subarray(0, start), ...repeated, raw.subarray(end)]);
      },
  ),
  fc.tuple(place, fc.nat({ max: 255 })).map(
    ([where, byte]): Mutation =>
      (raw) => {
        const changed = Buffer.from(raw);
        if (changed.length > 0) changed[Math.min(at(raw, where), changed.length - 1)] = byte;
        return changed;
      },
  ),
  fc.tuple(place, words).map(
    ([where, word]): Mutation =>
      (raw) => {
        const cut = at(raw, where);
        return Buffer.concat([raw.subarray(0, cut), Buffer.from(word), raw.subarray(cut)]);
      },
  ),
  fc.constant((raw: Buffer) => Buffer.from(raw.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')),
);

test('any bytes become a document that Jira takes, in bounded time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), (bytes) => check(bytes)),
    { numRuns: 300 },
  );
});

test('real mail that was damaged in any way becomes a document that Jira takes, in bounded time', async () => {
  assert.ok(mails.length > 0);
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: mails.length - 1 }),
      fc.array(mutations, { minLength: 1, maxLength: 6 }),
      async (which, changes) => {
        const raw = mails[which] ?? Buffer.alloc(0);
        await check(changes.reduce<Buffer>((changed, change) => change(changed).subarray(0, 1_000_000), raw));
      },
    ),
    { numRuns: Number(process.env.MUTATED_RUNS ?? 300) },
  );
});
