import { type Memory, memoryIsShort } from '../mail/held-memory';

/**
 * What all threads together hold, by installation, in memory that they share. Each thread writes into a row of its own, so that
 * what a thread held is known to be free when it is gone.
 */
export type Ledger = SharedArrayBuffer;

/** Installations that are told apart at a time; beyond that the last ones share a budget. */
export const ledgerSlots = 1_024;
const [sessionsAt, totalAt, firstSlotAt] = [0, 1, 2];
const columns = firstSlotAt + ledgerSlots;
/** Cells have 32 bits: bytes are counted in kibibytes. */
const unit = 1_024;

export interface MemoryLimits {
  /** Bytes of all installations. */
  bytes: number;
  /** ... and of one. */
  bytesPerInstallation: number;
}

/** Sessions with mail servers, of all threads. */
export interface SessionCount {
  all(): number;
  add(delta: number): void;
}

export interface LedgerRow {
  sessions: SessionCount;
  /** What is counted here by this thread for an installation. */
  memoryOf(slot: number): Memory;
}

export const newLedger = (rows: number): Ledger => new SharedArrayBuffer(rows * columns * Int32Array.BYTES_PER_ELEMENT);

/** Bytes that are held: of all installations, or of one. */
export function heldBytes(ledger: Ledger, slot: number | null = null): number {
  return sumOf(new Int32Array(ledger), slot === null ? totalAt : firstSlotAt + slot) * unit;
}

function sumOf(cells: Int32Array, column: number): number {
  let sum = 0;
  for (let at = column; at < cells.length; at += columns) sum += Atomics.load(cells, at);
  return sum;
}

/** The thread of this row is gone, and all that it held. */
export function clearRow(ledger: Ledger, row: number): void {
  new Int32Array(ledger).fill(0, row * columns, (row + 1) * columns);
}

/** The cells of one thread; nobody else may write them. */
export function openRow(ledger: Ledger, row: number, limits: MemoryLimits): LedgerRow {
  const cells = new Int32Array(ledger);
  const start = row * columns;
  const exact = new Map<number, number>();
  const spares = new Map<number, Set<() => void>>();
  let total = 0;

  function add(slot: number, delta: number): void {
    const bytes = (exact.get(slot) ?? 0) + delta;
    if (bytes === 0) exact.delete(slot);
    else exact.set(slot, bytes);
    total += delta;
    Atomics.store(cells, start + firstSlotAt + slot, Math.ceil(bytes / unit));
    Atomics.store(cells, start + totalAt, Math.ceil(total / unit));
  }

  /** Nobody holds more than it leaves free, so that there is room for whoever comes next. */
  function fits(slot: number, bytes: number): boolean {
    const own = sumOf(cells, firstSlotAt + slot) * unit + bytes;
    return own <= limits.bytesPerInstallation && own <= limits.bytes - sumOf(cells, totalAt) * unit;
  }

  return {
    sessions: {
      all: () => sumOf(cells, sessionsAt),
      add: (delta) => void Atomics.add(cells, start + sessionsAt, delta),
    },
    memoryOf: (slot) => ({
      take(bytes) {
        while (!fits(slot, bytes)) {
          const [oldest] = spares.get(slot) ?? [];
          if (oldest === undefined) throw memoryIsShort();
          spares.get(slot)?.delete(oldest);
          oldest();
        }
        add(slot, bytes);
      },
      give: (bytes) => add(slot, -bytes),
      spare(drop) {
        // A name of its own: the same function may be named twice.
        const named = () => drop();
        const own = spares.get(slot) ?? new Set();
        spares.set(slot, own.add(named));
        return () => {
          own.delete(named);
          if (own.size === 0) spares.delete(slot);
        };
      },
    }),
  };
}
