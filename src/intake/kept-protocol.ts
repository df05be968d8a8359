import type { AppError } from '../domain/app-error';
import type { Connection } from '../domain/connection';
import { protocolLimits } from '../domain/limits';
import type { LogLine, ProtocolLine } from '../domain/protocol';
import type { IntakePorts } from './intake-ports';

/** The protocol of one run, a poll or what a page asks for, of a connection whose log is on. */
export interface KeptProtocol {
  log: LogLine;
  /** The last line: what came of it. */
  end(outcome: AppError | string): void;
  /** Stores what was logged, by one write. Never throws: the mail matters more. */
  keep(): Promise<void>;
}

export type ProtocolPorts = Pick<IntakePorts, 'connections' | 'protocols' | 'log' | 'now'>;

/**
 * Null while the log is off: a run costs nothing more then.
 * @param name "Poll"
 * @param why it runs, as a sentence
 */
export function keptProtocol(
  ports: ProtocolPorts,
  connection: Connection,
  name: string,
  why: string,
): KeptProtocol | null {
  const startedAt = ports.now();
  if (connection.logUntil <= startedAt) return null;
  let lines: ProtocolLine[] = [];
  const log: LogLine = (text, agoMs = 0) => {
    lines.push({ at: ports.now() - agoMs, text });
    // A poll may go on for minutes; only the newest lines will be kept of it.
    if (lines.length > 2 * protocolLimits.lines) lines = lines.slice(-protocolLimits.lines);
  };
  log(`# ${name} begins: ${why}`);
  return {
    log,
    end: (outcome) => log(`# ${name} ends after ${ports.now() - startedAt} ms: ${describe(outcome)}`),
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
