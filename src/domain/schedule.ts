/** Minutes between two runs of the scheduled trigger that plans polls: the platform's shortest. */
const windowMs = 5 * 60_000;
/** How far a window may begin from where the trigger runs before the windows are laid anew. */
const driftMs = 2 * 60_000;

const minuteMs = 60_000;

/** FNV-1a, 32 bit: spreads connections over the minute, so that a thousand of them are not all due at once. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}

/** When a connection is due in [from, to), in epoch milliseconds: every `intervalMinutes`, at its own phase. */
export function dueTimes(connectionId: string, intervalMinutes: number, from: number, to: number): number[] {
  const interval = intervalMinutes * minuteMs;
  const phase = hash(connectionId) % interval;
  const times: number[] = [];
  for (let due = Math.ceil((from - phase) / interval) * interval + phase; due < to; due += interval) times.push(due);
  return times;
}

/**
 * The five minutes that a run of the planner is responsible for. The trigger comes every five minutes, but not on the
 * second, and sometimes twice: windows lie on a grid of their own (`anchor`), and a run serves the one that it is nearest
 * to, so that no minute is left out or planned twice because of that. `anchor` changes only when the trigger has moved.
 */
export function planningWindow(now: number, anchor: number | null): { from: number; to: number; anchor: number } {
  if (anchor !== null) {
    const from = anchor + Math.round((now - anchor) / windowMs) * windowMs;
    if (Math.abs(now - from) <= driftMs) return { from, to: from + windowMs, anchor };
  }
  return { from: now, to: now + windowMs, anchor: now };
}
