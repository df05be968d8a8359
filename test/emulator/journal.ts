import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** An append-only list of JSON records in a file, one a line; a record is there whole or not at all. */
export interface Journal {
  /** What the file held when it was opened, in order. */
  readonly records: readonly unknown[];
  /** Replaces everything by these records, in one step. */
  compact(records: Iterable<unknown>): void;
  /** On return the record survives a SIGKILL of this process. */
  append(record: unknown): void;
  close(): void;
}

/** Opens or creates the journal; `file` null keeps nothing. A last line that was cut off by a crash is dropped. */
export function openJournal(file: string | null): Journal {
  if (file === null) {
    return { records: [], compact: () => undefined, append: () => undefined, close: () => undefined };
  }
  mkdirSync(dirname(file), { recursive: true });
  let descriptor: number | null = openSync(file, 'a+', 0o600);
  const records = readWhole(descriptor);

  return {
    records,
    compact: (remaining) => {
      if (descriptor === null) return;
      closeSync(descriptor);
      rewrite(file, remaining);
      descriptor = openSync(file, 'a');
    },
    append: (record) => {
      if (descriptor !== null) writeWhole(descriptor, `${JSON.stringify(record)}\n`);
    },
    close: () => {
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
    },
  };
}

/** The records of an open file; what follows the last line end was never acknowledged to anybody, and goes. */
function readWhole(descriptor: number): unknown[] {
  const bytes = readFileSync(descriptor);
  const end = bytes.lastIndexOf(0x0a) + 1;
  // Else the next record would be glued to the torn one.
  ftruncateSync(descriptor, end);
  const lines = bytes.subarray(0, end).toString().split('\n').slice(0, -1);
  return lines.map((line): unknown => JSON.parse(line));
}

function rewrite(file: string, records: Iterable<unknown>): void {
  const fresh = `${file}.new`;
  const descriptor = openSync(fresh, 'w', 0o600);
  for (const record of records) writeWhole(descriptor, `${JSON.stringify(record)}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(fresh, file);
}

/** `writeSync` may write a part only. */
function writeWhole(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
}
