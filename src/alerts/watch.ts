import type { Alert } from '../domain/alert';
import { emptyLedger } from '../domain/alert-ports';
import { toAppError } from '../domain/app-error';
import type { AlertPorts } from './alert-ports';
import { currentIncidents } from './current-incidents';
import { tell } from './tell';

/** Compares what is wrong now with what was told, and tells the difference: once when it begins, once when it is over. */
export async function watch(ports: AlertPorts): Promise<void> {
  const alerts = (await ports.alerts.list()).filter(({ enabled }) => enabled);
  if (alerts.length === 0) return;
  const [incidents, ledgers] = await Promise.all([
    currentIncidents(ports),
    ports.ledgers.getMany(alerts.map(({ id }) => id)),
  ]);
  // Side by side: one channel that hangs must not take the time of the others.
  await Promise.all(alerts.map((alert) => tellSafely(alert)));

  async function tellSafely(alert: Alert): Promise<void> {
    try {
      await tell(ports, alert, ledgers.get(alert.id) ?? emptyLedger, incidents);
    } catch (thrown) {
      const { code, cause } = toAppError(thrown);
      ports.log('error', 'alert-not-told', { alertId: alert.id, code, cause });
    }
  }
}
