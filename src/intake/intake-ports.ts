import type { Activity } from '../domain/activity-port';
import type { OwnMark } from '../domain/own-mark';
import type {
  Connections,
  Cursors,
  Issues,
  JiraPause,
  Log,
  OpenMailbox,
  ParseMessage,
  ReadPollStart,
  Receipts,
} from '../domain/ports';
import type { Protocols } from '../domain/protocol';
import type { Tallies } from '../domain/tally-port';

/** Everything that taking mail needs of the world. */
export interface IntakePorts {
  readPollStart: ReadPollStart;
  connections: Connections;
  cursors: Cursors;
  receipts: Receipts;
  activity: Activity;
  tallies: Tallies;
  protocols: Protocols;
  issues: Issues;
  jiraPause: JiraPause;
  openMailbox: OpenMailbox;
  parseMessage: ParseMessage;
  ownMark: OwnMark;
  log: Log;
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds that the platform still gives this run. */
  remainingMs(): number;
}
