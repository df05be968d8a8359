import type { Alert } from '../domain/alert';
import type { AlertSecrets, Ledgers, PostNotice } from '../domain/alert-ports';
import type { Entities } from '../domain/entity';
import type { OutgoingMail, Sent } from '../domain/mailer';
import type { Credentials } from '../domain/oauth-ports';
import type { OutgoingConnection } from '../domain/outgoing';
import type { OutgoingTroubles } from '../domain/outgoing-trouble';
import type { Connections, Cursors, Log } from '../domain/ports';

/** What incidents are found in. */
export interface CircumstancePorts {
  connections: Connections;
  cursors: Cursors;
  credentials: Credentials;
  outgoing: Entities<OutgoingConnection>;
  troubles: OutgoingTroubles;
  /** Epoch milliseconds. */
  now(): number;
}

/** How a notice gets out. */
export interface SendPorts {
  /** Address of the app's pages in Jira, without a slash at its end; null when Jira does not tell. */
  appUrl(): Promise<string | null>;
  outgoing: Entities<OutgoingConnection>;
  postNotice: PostNotice;
  /** Sends one mail through an outgoing connection: `sendMail`, with its ports. */
  sendMail(connection: OutgoingConnection, mail: Omit<OutgoingMail, 'from'>): Promise<Sent>;
}

/** Everything that telling of incidents needs of the world. */
export interface AlertPorts extends CircumstancePorts, SendPorts {
  alerts: Entities<Alert>;
  ledgers: Ledgers;
  secrets: AlertSecrets;
  /** Milliseconds until the platform ends this run. */
  remainingMs(): number;
  log: Log;
}
