/** The time that one call has. */
export interface CallTime {
  /** The result of `work`, or null once time is over. */
  race<T>(work: Promise<T>): Promise<T | null>;
  stop(): void;
}

/** @param ms null for a call that may take as long as its job */
export function callTime(ms: number | null): CallTime {
  if (ms === null) return { race: (work) => work, stop() {} };
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      isOver = true;
      resolve(null);
    }, ms);
  });
  return {
    race: async (work) => (isOver ? null : Promise.race([work, over])),
    stop: () => clearTimeout(timer),
  };
}
