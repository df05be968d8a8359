import type { Finding } from '../domain/diagnosis';

type Rest = { reason?: string; step?: string };
const finding =
  (state: Finding['state']) =>
  (value: string, { reason, step }: Rest = {}): Finding => ({
    state,
    value,
    reason: reason ?? null,
    step: step ?? null,
  });

export const good = finding('good');
export const attention = finding('attention');
export const failed = finding('failed');
export const unknown = finding('unknown');

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** "0.3 seconds", "25 seconds", "3 minutes". */
export function duration(ms: number): string {
  for (const [unit, length] of units) if (ms >= 2 * length) return counted(Math.round(ms / length), unit);
  const seconds = ms / 1_000;
  return counted(seconds < 10 ? Math.max(0.1, Math.round(seconds * 10) / 10) : Math.round(seconds), 'second');
}

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
