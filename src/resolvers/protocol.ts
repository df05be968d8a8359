import type { Connections } from '../domain/ports';
import { type Protocols, protocolMs } from '../domain/protocol';
import type { Audit } from './audit';
import type { Handlers } from './define';
import { entityRules } from './entity-rules';

export interface ProtocolPorts {
  connections: Connections;
  protocols: Protocols;
  audit: Audit;
  /** Epoch milliseconds. */
  now(): number;
}

export type ProtocolFunction = 'connections.log' | 'connections.protocol' | 'connections.clearProtocol';

/** The protocol log of an incoming connection: switched on for a while, read, and cleared. */
export function protocolHandlers(ports: ProtocolPorts): Pick<Handlers, ProtocolFunction> {
  const { connections, protocols, audit, now } = ports;
  const { found, atVersion } = entityRules(connections, 'connection');
  const untilOf = ({ logUntil }: { logUntil: number }) => (logUntil > now() ? logUntil : null);

  return {
    'connections.log': async ({ id, version, on }, caller) => {
      const connection = await atVersion(id, version);
      const changed = { ...connection, logUntil: on ? now() + protocolMs : 0 };
      // Without a new version: a running poll would take that for an edit, and break off.
      await connections.amend(changed);
      const what = on ? 'logged for 15 minutes' : 'no longer logged';
      await audit({ noun: 'Connection', id, name: connection.settings.name, what }, caller);
      return { until: untilOf(changed) };
    },

    'connections.protocol': async ({ id }) => {
      const connection = await found(id);
      return { until: untilOf(connection), ...(await protocols.get(id)) };
    },

    'connections.clearProtocol': async ({ id }) => {
      await found(id);
      await protocols.remove(id);
      return null;
    },
  };
}
