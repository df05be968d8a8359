/** A failure that a provider's emulator is told to show. */
export interface ApiFault {
  /** Calls whose "METHOD /path?query" matches suffer it. Calls inside a batch count like others. */
  match: RegExp;
  kind: /** The status, with the provider's own error body, and nothing is done. */
    | 'status'
    /** The call takes effect, but the status says otherwise. */
    | 'status-after'
    /** A proxy's page with status 200. */
    | 'html'
    /** The answer announces its length and ends half-way. */
    | 'cut'
    /** Valid HTTP with status 200, but only half of the JSON. */
    | 'half-json'
    /** The connection breaks without an answer. */
    | 'reset'
    /** Nothing ever comes. */
    | 'stall'
    /** Headers come, then one byte a second. */
    | 'drip'
    /** A page names itself as the next one. */
    | 'same-page'
    /** The call is answered as ever, after `does` was run. */
    | 'meanwhile';
  does?: () => void;
  status?: number;
  retryAfter?: string;
  /** Instead of the provider's usual error body. */
  body?: unknown;
  /** How often; once if nothing is said. */
  times?: number;
  /** Matching calls that are spared first. */
  skip?: number;
}

export interface ApiFaults {
  add(...faults: ApiFault[]): void;
  clear(): void;
  take(label: string): ApiFault | null;
}

export function createApiFaults(): ApiFaults {
  let waiting: { fault: ApiFault; skip: number; left: number }[] = [];
  return {
    add: (...faults) => {
      waiting.push(...faults.map((fault) => ({ fault, skip: fault.skip ?? 0, left: fault.times ?? 1 })));
    },
    clear: () => {
      waiting = [];
    },
    take: (label) => {
      for (const entry of waiting) {
        if (entry.left <= 0 || !entry.fault.match.test(label)) continue;
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
