import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import * as z from 'zod';
import { messageLimits } from '../../src/domain/limits';
import type { Address, Message } from '../../src/domain/message';
import { describe as describeIssue } from '../../src/jira/description';
import { parseMessage } from '../../src/mail/mime';
import { draftOf } from '../jira/drafts';
import { schemaError } from '../support/adf-schema';
import { exceptions } from './corpora-exceptions';

/** Real mail that is not part of the project; its place can be told by `MAIL_CORPORA`. */
const root = process.env.MAIL_CORPORA ?? new URL('../../../shared/corpora', import.meta.url).pathname;
const skip = existsSync(root)
  ? false
  : `no mails at ${root}: set MAIL_CORPORA to a folder that has stalwart-mail-parser in it`;
const mails =
  skip === false
    ? readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.eml'))
    : [];

test('every real mail becomes a message and a document, none takes longer than two seconds', { skip }, async () => {
  assert.ok(mails.length > 700, `only ${mails.length} mails`);
  for (const name of mails) {
    const started = process.cpuUsage();
    const message = await parseMessage(readFileSync(join(root, name)));
    const { document } = describeIssue(draftOf(message));
    const { user, system } = process.cpuUsage(started);
    assert.ok((user + system) / 1_000 < 2_000, name);
    assert.equal(schemaError(document), null, name);
  }
});

const address = z.object({ address: z.string().nullish() });
const addresses = z.object({
  Address: z.object({
    List: z.array(address).default([]),
    Group: z.array(z.object({ addresses: z.array(address) })).default([]),
  }),
});
const expected = z.object({
  text_body: z.array(z.number()),
  html_body: z.array(z.number()),
  parts: z.array(
    z.object({ headers: z.array(z.object({ name: z.unknown(), value: z.unknown() })), body: z.unknown() }),
  ),
});
type Expected = z.infer<typeof expected>;

const words = (text: string): string => text.replace(/\s+/g, ' ').trim();
const sorted = (list: readonly string[]): string => list.map((one) => one.toLowerCase()).join(' ');

function expectedOf({ parts, text_body: texts, html_body: htmls }: Expected): Record<string, string> {
  const headers = parts[0]?.headers ?? [];
  const people = (name: string) => {
    const parsed = headers.filter((header) => header.name === name).map((header) => addresses.safeParse(header.value));
    const lists = parsed.flatMap(({ data }) =>
      data === undefined ? [] : [data.Address.List, ...data.Address.Group.map((group) => group.addresses)],
    );
    return sorted(lists.flat().flatMap((one) => one.address || []));
  };
  const bodies = (indexes: readonly number[], kind: string) => {
    const found = indexes.map(
      (index) => z.object({ [kind]: z.string() }).safeParse(parts[index]?.body).data?.[kind] ?? '',
    );
    return words(found.join('\n'));
  };
  const subject = z.object({ Text: z.string() }).safeParse(headers.find((header) => header.name === 'subject')?.value);
  return {
    subject: words(subject.data?.Text ?? '').slice(0, messageLimits.subjectChars),
    from: people('from').split(' ')[0] ?? '',
    to: people('to'),
    cc: people('cc'),
    text: bodies(texts, 'Text'),
    html: bodies(htmls, 'Html'),
  };
}

function actualOf(message: Message): Record<string, string> {
  const people = (list: readonly Address[]) => sorted(list.flatMap((one) => one.address || []));
  return {
    subject: message.subject,
    from: people(message.from === null ? [] : [message.from]),
    to: people(message.to),
    cc: people(message.cc),
    text: words(message.text ?? ''),
    html: words(message.html ?? ''),
  };
}

describe("stalwart's readings agree, exceptions explained", { skip }, () => {
  const prefix = 'stalwart-mail-parser/';
  const names = mails
    .filter((mail) => mail.startsWith(prefix))
    .map((mail) => mail.slice(prefix.length, -'.eml'.length));

  for (const name of names.sort()) {
    test(name, async () => {
      const file = join(root, prefix, name);
      const there = expectedOf(expected.parse(JSON.parse(readFileSync(`${file}.json`, 'utf8'))));
      const here = actualOf(await parseMessage(readFileSync(`${file}.eml`)));
      const differs = exceptions[name]?.differs ?? [];
      for (const [part, value] of Object.entries(there)) {
        // An exception that is none any more is to be taken off the list.
        if (differs.includes(part)) assert.notEqual(here[part], value, `${part} agrees now`);
        else assert.equal(here[part], value, part);
      }
    });
  }

  test('and every exception is about a mail that is there', () => {
    assert.deepEqual(
      Object.keys(exceptions).filter((name) => !names.includes(name)),
      [],
    );
  });
});
