import type { Part } from '../parts';

/** A message that was asked for; `uid` is null for one that is gone, `size` where the server does not tell it. */
export interface Asked {
  handle: string;
  uid: number | null;
  size: number | null;
}

/** A message that is there. */
export interface Wanted {
  handle: string;
  uid: number;
  size: number | null;
}

/** What to do next: nothing but tell, fetch whole messages by one command, or fetch one in stretches. */
export type Step = { do: 'tell'; part: Part } | { do: 'run'; run: Wanted[] } | { do: 'stretches'; wanted: Wanted };

export interface Room {
  /** Bytes that may still be fetched. */
  bytes: number;
  /** Nothing was fetched yet: then even a message that does not fit is begun. */
  isWhole: boolean;
  /** Messages in one command. */
  messages: number;
  /** Larger messages are not fetched. */
  maxBytes: number;
}

/** The next step from `index` on, or null when the next message does not fit. `offset`: how much of the first is known already. */
export function nextStep(asked: readonly Asked[], index: number, offset: number, room: Room): Step | null {
  const first = asked[index];
  if (first === undefined) return null;
  const { handle, uid, size } = first;
  if (uid === null) return { do: 'tell', part: { handle, outcome: 'gone' } };
  if (size !== null && size > room.maxBytes) return { do: 'tell', part: { handle, outcome: 'too-large', size } };
  if (offset > 0 || size === null) return { do: 'stretches', wanted: { handle, uid, size } };
  if (size > room.bytes) return room.isWhole ? { do: 'stretches', wanted: { handle, uid, size } } : null;
  return { do: 'run', run: ascendingRun(asked, index, room) };
}

/** The messages from `start` on that fit and whose UIDs ascend: the server answers them in this order. */
function ascendingRun(asked: readonly Asked[], start: number, room: Room): Wanted[] {
  const run: Wanted[] = [];
  let left = room.bytes;
  for (const { handle, uid, size } of asked.slice(start, start + room.messages)) {
    if (uid === null || size === null || size > left || size > room.maxBytes || uid <= (run.at(-1)?.uid ?? 0)) break;
    left -= size;
    run.push({ handle, uid, size });
  }
  return run;
}
