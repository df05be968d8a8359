import type { Fault } from './forge';

/** The failures that were asked for, until each is used up. */
export interface Faults {
  set(faults: readonly Fault[]): void;
  /** The fault that this call is to suffer, if any; taking it uses it up once. `label` is `<method> <target><path>[ <keys>]`. */
  take(label: string, when: Fault['when']): Fault | null;
}

export function createFaults(): Faults {
  let waiting: { fault: Fault; pattern: RegExp; skip: number; left: number }[] = [];
  return {
    set: (faults) => {
      waiting = faults.map((fault) => ({
        fault,
        pattern: patternOf(fault.match),
        skip: fault.skip ?? 0,
        left: fault.times,
      }));
    },
    take: (label, when) => {
      for (const entry of waiting) {
        if (entry.fault.when !== when || entry.left <= 0 || !entry.pattern.test(label)) continue;
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

/**
 * A `*` stands for anything, so that hosts and paths with ids in them can be named. A `$` at the end stands for the end, also of
 * the path before a query string or the keys of a KVS call.
 */
function patternOf(match: string): RegExp {
  const isEnd = match.endsWith('$');
  const parts = (isEnd ? match.slice(0, -1) : match).split('*');
  const literal = parts.map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&')).join('.*');
  return new RegExp(literal + (isEnd ? '(?=$|[? ])' : ''));
}
