/** The protocol of one call, for an administrator to read: its beginning, as far as there is room. */
export interface ProtocolLog {
  add(line: string): void;
  /** The lines so far; the log is empty then. */
  take(): string[];
}

export const protocolLogLimits = { lines: 1_000, chars: 100_000 } as const;

export function protocolLog(): ProtocolLog {
  let lines: string[] = [];
  let chars = 0;
  let isFull = false;
  return {
    add(line) {
      if (isFull) return;
      chars += line.length;
      isFull = lines.length + 1 >= protocolLogLimits.lines || chars > protocolLogLimits.chars;
      lines.push(isFull ? '… (the rest is left out)' : line);
    },
    take() {
      const taken = lines;
      lines = [];
      chars = 0;
      isFull = false;
      return taken;
    },
  };
}
