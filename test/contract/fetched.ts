import assert from 'node:assert/strict';
import { AppError } from '../../src/domain/app-error';
import type { Fetched, Mailbox } from '../../src/domain/ports';

export const mail = (subject: string, body = 'Hello.') =>
  `From: Ann <ann@example.com>\r\nTo: desk@example.com\r\nSubject: ${subject}\r\n\r\n${body}\r\n`;

export async function fetchAll(
  mailbox: Mailbox,
  handles: readonly string[],
  maxBytes = 1024 * 1024,
): Promise<Fetched[]> {
  const fetched: Fetched[] = [];
  for await (const one of mailbox.fetch(handles, maxBytes)) fetched.push(one);
  return fetched;
}

export const rawText = (fetched: Fetched | undefined): string =>
  fetched?.outcome === 'raw' ? Buffer.from(fetched.raw).toString('latin1') : `(${fetched?.outcome})`;

/** A check for `assert.rejects`. */
export function isError(code: string, kind: string, step?: string) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof AppError, String(error));
    assert.deepEqual(
      { code: error.code, kind: error.kind, ...(step === undefined ? {} : { step: error.step }) },
      { code, kind, ...(step === undefined ? {} : { step }) },
    );
    return true;
  };
}
