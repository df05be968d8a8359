import { protocolLimits } from './limits';
import { newestWithin } from './newest';

/** One line of what Letterbox and a mail server said to each other: without secrets, and without anything of a mail. */
export interface ProtocolLine {
  /** Epoch milliseconds. */
  at: number;
  text: string;
}

/** Gets the protocol line by line; `agoMs` is there where a line comes later than what it tells of. */
export type LogLine = (text: string, agoMs?: number) => void;

/** How long a protocol log, or the Debug of an outgoing connection, stays on, in milliseconds. */
export const protocolMs = 15 * 60_000;

/** What is kept of a connection's protocol. */
export interface Protocol {
  /** Oldest first. */
  lines: ProtocolLine[];
  /** Older lines had to make room. */
  cut: boolean;
}

export interface Protocols {
  get(connectionId: string): Promise<Protocol>;
  /** Adds lines; the oldest make room. Two at the same time may lose one's lines: it is a log. */
  append(connectionId: string, lines: readonly ProtocolLine[]): Promise<void>;
  remove(connectionId: string): Promise<void>;
}

/** The newest lines, as many as may be kept. */
export function newestLines({ lines, cut }: Protocol): Protocol {
  const kept = newestWithin(lines, protocolLimits.lines, protocolLimits.keptBytes);
  return { lines: kept, cut: cut || kept.length < lines.length };
}
