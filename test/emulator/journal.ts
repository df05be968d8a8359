import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
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
  const records = existsSync(file) ? readRecords(file) : [];
  // Rewritten at once: appending after a torn line would glue the next record to it.
  rewrite(file, records);
  let descriptor: number | null = openSync(file, 'a');

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

function readRecords(file: string): unknown[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const torn = lines.pop() ?? '';
  const records = lines.map((line): unknown => JSON.parse(line));
  if (torn !== '') {
    try {
      // Whole but for its line end: the process died between the two bytes.
      records.push(JSON.parse(torn));
    } catch {
      // Cut off: it was never acknowledged to anybody.
    }
  }
  return records;
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
