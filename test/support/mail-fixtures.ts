import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../fixtures/mail');

/** Names of the mails in test/fixtures/mail, without ".eml". */
export const mailFixtures: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith('.eml'))
  .map((name) => name.slice(0, -'.eml'.length));

/** A fixture as it would come over the wire: its line ends are CRLF, whatever the checkout made of them. */
export function rawMail(name: string): Uint8Array {
  const text = readFileSync(join(folder, `${name}.eml`), 'latin1').replace(/\r?\n/g, '\r\n');
  return Buffer.from(text, 'latin1');
}

/** What is expected of a fixture. `UPDATE_FIXTURES=1` writes `actual` down first: read the difference before you commit it. */
export function expectation(name: string, kind: 'message' | 'adf', actual: unknown): unknown {
  const file = join(folder, `${name}.${kind}.json`);
  if (process.env.UPDATE_FIXTURES === '1') writeFileSync(file, `${JSON.stringify(actual, null, 2)}\n`);
  return JSON.parse(readFileSync(file, 'utf8'));
}
