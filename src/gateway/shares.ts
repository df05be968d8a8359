/** Counts what several owners take of one thing. */
export interface Shares {
  /** A place for the owner, to be given back once; null when its share, or everything, is taken. */
  take(owner: string): (() => void) | null;
}

/**
 * Nobody may take more than is left free: alone that is half of all places, the next one gets half of the rest, and so on,
 * so that whoever comes next always finds some. (The dynamic threshold of shared buffers: Choudhury and Hahne, 1998.)
 * @param most places of one owner, however many are free
 */
export function dynamicShares(places: number, most: number): Shares {
  const taken = new Map<string, number>();
  let all = 0;
  return {
    take(owner) {
      const own = taken.get(owner) ?? 0;
      if (own >= most || own >= places - all) return null;
      taken.set(owner, own + 1);
      all += 1;
      let isBack = false;
      return () => {
        if (isBack) return;
        isBack = true;
        all -= 1;
        const left = (taken.get(owner) ?? 1) - 1;
        if (left > 0) taken.set(owner, left);
        else taken.delete(owner);
      };
    },
  };
}
