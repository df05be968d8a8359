import { type Incident, incidentsOf } from '../domain/incident';
import type { CircumstancePorts } from './alert-ports';

/** Everything that is wrong now, worst first. Writes nothing, and asks no mail server. */
export async function currentIncidents(ports: CircumstancePorts): Promise<Incident[]> {
  const [connections, outgoing, credentials] = await Promise.all([
    ports.connections.list(),
    ports.outgoing.list(),
    ports.credentials.list(),
  ]);
  // Those that are disabled too: a save may have done that, and nobody noticed.
  const all = connections.map(({ id }) => id);
  const sending = outgoing.filter(({ enabled }) => enabled).map(({ id }) => id);
  const [cursors, troubles] = await Promise.all([ports.cursors.getMany(all), ports.troubles.getMany(sending)]);
  return incidentsOf({ connections, cursors, credentials, outgoing, troubles, now: ports.now() });
}
