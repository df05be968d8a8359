import { redactLine } from '../domain/redact';
import { cutText, singleLine } from '../domain/text';

/** Takes a line, or what makes one: that is done only where somebody wants the line. */
export interface AddLine {
  (line: string | (() => string)): void;
  /** Whether anybody wants lines now; where it can't be told, somebody may. */
  wants?(): boolean;
}

export interface LoggedLine {
  text: string;
  /** Milliseconds before the lines were taken. */
  agoMs: number;
}

/** The protocol of one call, for an administrator to read: its beginning and its end, as far as there is room. */
export interface ProtocolLog {
  /** Does nothing while the log is off. */
  add: AddLine;
  start(): void;
  /** The lines so far; the log is off then. */
  take(): LoggedLine[];
}

export const protocolLogLimits = {
  /** Of one call. */
  lines: 1_000,
  chars: 100_000,
  lineChars: 500,
  /** As much of a line is looked at: all of a secret that begins in what is shown, in any form. */
  rawChars: 20_000,
} as const;

const halfLines = protocolLogLimits.lines / 2 - 1;
const halfChars = protocolLogLimits.chars / 2;

/** A log that is off. Whoever uses a session next is never told of what was said before. */
export function protocolLog(): ProtocolLog {
  let isOn = false;
  let head = stretch();
  let tail = stretch();
  let left = 0;

  function reset(): void {
    head = stretch();
    tail = stretch();
    left = 0;
  }

  function add(line: string | (() => string)): void {
    if (!isOn) return;
    const text = cutText(typeof line === 'string' ? line : line(), protocolLogLimits.lineChars);
    const { length } = tail.lines;
    const isFirst = length === 0 && head.lines.length < halfLines && head.chars + text.length <= halfChars;
    const kept = isFirst ? head : tail;
    kept.lines.push({ text, at: performance.now() });
    kept.chars += text.length;
    while (tail.lines.length > halfLines || tail.chars > halfChars) {
      tail.chars -= tail.lines.shift()?.text.length ?? 0;
      left += 1;
    }
  }

  return {
    add: Object.assign(add, { wants: () => isOn }),
    start() {
      reset();
      isOn = true;
    },
    take() {
      const [first] = tail.lines;
      const gap = first === undefined || left === 0 ? [] : [{ text: `… (${left} lines are left out)`, at: first.at }];
      const now = performance.now();
      const taken = [...head.lines, ...gap, ...tail.lines].map(({ text, at }) => ({
        text,
        agoMs: Math.round(now - at),
      }));
      reset();
      isOn = false;
      return taken;
    },
  };
}

function stretch(): { lines: { text: string; at: number }[]; chars: number } {
  return { lines: [], chars: 0 };
}

/** What was said, without secrets, as one line. What signs in must have been taken out before. */
export function spokenLine(who: 'C' | 'S', words: string, secrets: readonly string[]): string {
  return `${who}: ${singleLine(redactLine(cutText(words, protocolLogLimits.rawChars), secrets))}`;
}

/** "[12,345 bytes]", in place of what belongs to a mail. */
export const bytesInstead = (bytes: number): string => `[${bytes.toLocaleString('en')} bytes]`;
