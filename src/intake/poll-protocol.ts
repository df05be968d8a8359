import type { AppError } from '../domain/app-error';
import type { Connection } from '../domain/connection';
import { protocolLimits } from '../domain/limits';
import type { LogLine, ProtocolLine } from '../domain/protocol';
import type { IntakePorts } from './intake-ports';

/** The protocol of one poll of a connection whose log is on. */
export interface PollProtocol {
  log: LogLine;
  /** The last line: what came of the poll. */
  end(outcome: AppError | string): void;
  /** Stores what was logged, by one write. Never throws: the mail matters more. */
  keep(): Promise<void>;
}

type Ports = Pick<IntakePorts, 'connections' | 'protocols' | 'log' | 'now'>;

/** Null while the log is off: a poll costs nothing more then. */
export function pollProtocol(ports: Ports, connection: Connection, begin: string): PollProtocol | null {
  const startedAt = ports.now();
  if (connection.logUntil <= startedAt) return null;
  let lines: ProtocolLine[] = [];
  const log: LogLine = (text, agoMs = 0) => {
    lines.push({ at: ports.now() - agoMs, text });
    // A poll may go on for minutes; only the newest lines will be kept of it.
    if (lines.length > 2 * protocolLimits.lines) lines = lines.slice(-protocolLimits.lines);
  };
  log(`# ${begin}`);
  return {
    log,
    end: (outcome) => log(`# Poll ends after ${ports.now() - startedAt} ms: ${describe(outcome)}`),
    async keep() {
      try {
        // Whoever deleted the connection meanwhile deleted its protocol, which must not come back.
        if ((await ports.connections.get(connection.id)) !== null) await ports.protocols.append(connection.id, lines);
      } catch (failure) {
        ports.log('warn', 'protocol-not-kept', { connectionId: connection.id, failure });
      }
    },
  };
}

function describe(outcome: AppError | string): string {
  if (typeof outcome === 'string') return outcome;
  const { code, message, detail } = outcome;
  return `${code}. ${message}${detail === undefined ? '' : ` The server said: ${detail}`}`;
}
