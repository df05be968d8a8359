import type { Fault } from './forge';

/** The failures that were asked for, until each is used up. */
export interface Faults {
  set(faults: readonly Fault[]): void;
  /** The fault that this call is to suffer, if any; taking it uses it up once. `label` is `<method> <target><path>[ <keys>]`. */
  take(label: string, when: Fault['when']): Fault | null;
}

export function createFaults(): Faults {
  let waiting: { fault: Fault; skip: number; left: number }[] = [];
  return {
    set: (faults) => {
      waiting = faults.map((fault) => ({ fault, skip: fault.skip ?? 0, left: fault.times }));
    },
    take: (label, when) => {
      for (const entry of waiting) {
        if (entry.fault.when !== when || entry.left <= 0 || !matches(entry.fault.match, label)) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.left -= 1;
        return entry.fault;
      }
      return null;
    },
  };
}

function matches(match: string, label: string): boolean {
  if (!match.endsWith('$')) return label.includes(match);
  const tail = match.slice(0, -1);
  // The path may end before a query string or the keys of a KVS call.
  return label.endsWith(tail) || (label.split('?')[0] ?? '').endsWith(tail) || label.includes(`${tail} `);
}
