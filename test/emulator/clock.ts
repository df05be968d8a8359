/** The emulator's time: the machine's, moved forward on command. Everything in the emulator asks this one. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  advance(milliseconds: number): void;
}

export function systemClock(): Clock {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    advance: (milliseconds) => {
      ahead += milliseconds;
    },
  };
}
