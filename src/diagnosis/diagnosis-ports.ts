import type { Activity } from '../domain/activity-port';
import type { GatewayProbe, Granted, QueryProbe } from '../domain/diagnosis';
import type { Connections, Cursors, Issues, Log } from '../domain/ports';

export interface DiagnosisPorts {
  gateway: GatewayProbe;
  /** Whether this process has changed to base64 in JSON for what it fetches through the gateway. */
  fetchesJson(): boolean;
  /** Jira's clock, in epoch milliseconds; null when Jira does not tell. */
  jiraTime(): Promise<number | null>;
  granted(): Granted;
  query: QueryProbe;
  issues: Pick<Issues, 'findByOrigin' | 'attachments'>;
  activity: Pick<Activity, 'list'>;
  connections: Pick<Connections, 'list'>;
  cursors: Pick<Cursors, 'get'>;
  newId(): string;
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds that the platform leaves this function. */
  remainingMs(): number;
  sleep(milliseconds: number): Promise<void>;
  log: Log;
}
