/** Consecutive UIDs, both ends included. */
export interface Run {
  from: number;
  to: number;
}

/** The largest UID there can be. `n:*` would answer with the last message when nothing is new (RFC 3501 §6.4.8). */
export const largestUid = 4_294_967_295;

/** UIDs in any order as runs, ascending. */
export function runsOf(uids: readonly number[]): Run[] {
  const runs: Run[] = [];
  for (const uid of [...uids].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && uid <= run.to + 1) run.to = uid;
    else runs.push({ from: uid, to: uid });
  }
  return runs;
}

/** The runs of a sequence set as a server or a position has it, ascending; what is no UID is left out. */
export function parseUidSet(set: string): Run[] {
  const parts = set.split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split(':').map(Number);
    const run = { from: Math.min(from, to), to: Math.max(from, to) };
    return run.from >= 1 && run.to <= largestUid ? [run] : [];
  });
  return joinRuns(parts);
}

/** Runs in any order, ascending, those that touch or overlap as one. */
export function joinRuns(parts: readonly Run[]): Run[] {
  const runs: Run[] = [];
  for (const part of [...parts].sort((a, b) => a.from - b.from)) {
    const run = runs.at(-1);
    if (run !== undefined && part.from <= run.to + 1) run.to = Math.max(run.to, part.to);
    else runs.push({ ...part });
  }
  return runs;
}

/** What is in both; both ascending. */
export function intersectUids(one: readonly Run[], other: readonly Run[]): Run[] {
  const both: Run[] = [];
  let at = 0;
  for (const { from, to } of one) {
    while ((other[at]?.to ?? largestUid) < from) at += 1;
    for (let next = at; ; next += 1) {
      const run = other[next];
      if (run === undefined || run.from > to) break;
      both.push({ from: Math.max(from, run.from), to: Math.min(to, run.to) });
    }
  }
  return both;
}

export const containsUid = (runs: readonly Run[], uid: number): boolean =>
  runs.some(({ from, to }) => from <= uid && uid <= to);

/** As a sequence set: 1, 2, 3 and 7 become `1:3,7`. */
export const formatUidSet = (runs: readonly Run[]): string =>
  runs.map(({ from, to }) => (from === to ? `${from}` : `${from}:${to}`)).join(',');

export const uidSet = (uids: readonly number[]): string => formatUidSet(runsOf(uids));

export const countUids = (runs: readonly Run[]): number => runs.reduce((sum, { from, to }) => sum + to - from + 1, 0);

/** The first `limit` UIDs, and the runs of the others. */
export function splitUids(runs: readonly Run[], limit: number): { first: number[]; rest: Run[] } {
  const first: number[] = [];
  const rest: Run[] = [];
  for (const { from, to } of runs) {
    const end = Math.min(to, from + limit - first.length - 1);
    for (let uid = from; uid <= end; uid += 1) first.push(uid);
    if (end < to) rest.push({ from: Math.max(from, end + 1), to });
  }
  return { first, rest };
}

/** The runs without some of their UIDs. */
export const withoutUids = (runs: readonly Run[], uids: readonly number[]): Run[] => withoutRuns(runs, runsOf(uids));

/** What is in the first and not in the second; both ascending. */
export function withoutRuns(runs: readonly Run[], gaps: readonly Run[]): Run[] {
  const left: Run[] = [];
  let at = 0;
  for (const { from, to } of runs) {
    while ((gaps[at]?.to ?? largestUid) < from) at += 1;
    let start = from;
    for (let next = at; start <= to; next += 1) {
      const gap = gaps[next];
      if (gap === undefined || gap.from > to) break;
      if (gap.from > start) left.push({ from: start, to: gap.from - 1 });
      start = Math.max(start, gap.to + 1);
    }
    if (start <= to) left.push({ from: start, to });
  }
  return left;
}

/** Whether every UID of `inner` is one of `outer`. */
export function containsUids(outer: readonly Run[], inner: readonly Run[]): boolean {
  let at = 0;
  return inner.every(({ from, to }) => {
    while ((outer[at]?.to ?? largestUid) < from) at += 1;
    const run = outer[at];
    return run !== undefined && run.from <= from && to <= run.to;
  });
}
