import { type Alert, noSecret } from '../domain/alert';
import type { AlertDelivery, Ledger } from '../domain/alert-ports';
import { AppError, toAppError } from '../domain/app-error';
import { secretIdOf } from '../domain/entity';
import { inTime } from '../domain/in-time';
import type { Incident } from '../domain/incident';
import { alertGraceMs, alertLimits, alertMessageMs, alertReserveMs } from '../domain/limits';
import { type Noted, type Notice, planNotice, sameNotes } from '../domain/notice';
import type { AlertPorts } from './alert-ports';
import { sendNotice } from './send-notice';

/**
 * Tells one rule what is new, as far as the time of this run allows: the rest is new at the next one.
 * @param ledger what it told, as it was read by this run
 */
export async function tell(ports: AlertPorts, alert: Alert, ledger: Ledger, incidents: readonly Incident[]) {
  let known: Ledger | null = ledger;
  for (let sent = 0; known !== null && sent < alertLimits.messagesARun; sent += 1) {
    if (ports.remainingMs() < alertMessageMs) return;
    known = await tellOnce(ports, alert, known, incidents);
  }
}

/**
 * One message. The ledger says beforehand that somebody is sending, and afterwards what was told; its version lets only one of several
 * runs pass. A run that dies in between leaves its mark: the next one waits until nobody can be alive behind it, then tells it all
 * again. That is the one window in which people can get a message twice.
 * @returns the ledger after it; null when nothing more is to be told now
 */
async function tellOnce(
  ports: AlertPorts,
  alert: Alert,
  ledger: Ledger,
  incidents: readonly Incident[],
): Promise<Ledger | null> {
  const now = ports.now();
  if (ledger.sendingSince !== 0 && now - ledger.sendingSince < alertGraceMs) return null;
  const { notice, before, after } = planNotice(alert.settings, ledger.noted, incidents, now);
  const isPausing = ledger.ruleVersion === alert.version && now < ledger.retryAt;
  if (notice === null || isPausing) {
    if (!sameNotes(before, ledger.noted)) await ports.ledgers.put(alert.id, { ...ledger, noted: before });
    return null;
  }
  // The list of rules may be behind: the next run tells what a rule says that was edited since, and nobody one that was deleted.
  if ((await ports.alerts.get(alert.id))?.version !== alert.version) return null;
  const claimed = await ports.ledgers.put(alert.id, { ...ledger, noted: before, sendingSince: now });
  if (claimed === null) return null;
  const delivery = await deliver(ports, alert, notice);
  const noted = await ports.ledgers.put(alert.id, settled(claimed, delivery, { alert, before, after }));
  return delivery.outcome === 'failed' ? null : noted;
}

async function deliver(
  ports: AlertPorts,
  alert: Alert,
  notice: Notice,
): Promise<AlertDelivery & { retryAfterMs?: number | undefined }> {
  const { id, settings } = alert;
  try {
    const secret = settings.channel.type === 'email' ? noSecret : await ports.secrets.get(secretIdOf(alert));
    if (secret === null) throw secretGone();
    // Whatever hangs: a run that the platform ends could not note what became of its message.
    await inTime(ports.remainingMs() - alertReserveMs, late, () => sendNotice(ports, settings.channel, secret, notice));
    return { at: ports.now(), outcome: 'sent', message: '' };
  } catch (thrown) {
    const error = toAppError(thrown);
    // Opsgenie knows an alert by its alias: there, twice is once.
    const isUnclear = error.uncertain && settings.channel.type !== 'opsgenie';
    const level = error.kind === 'bug' ? 'error' : 'warn';
    ports.log(level, 'alert-not-sent', { alertId: id, code: error.code, unclear: isUnclear, cause: error.cause });
    const outcome = isUnclear ? 'unclear' : 'failed';
    return { at: ports.now(), outcome, message: error.message, retryAfterMs: error.retryAfterMs };
  }
}

/** Somebody has just saved another one, which the next run finds; or it is not there at all. */
const secretGone = () =>
  new AppError(
    'secret-gone',
    'access',
    'What this rule posts with is not stored any more. If that stays, edit the rule and enter it again.',
  );

/** Leaves open whether the message went out. */
const late = () =>
  new AppError(
    'timeout',
    'transient',
    'The other side did not take the alert in the time that Letterbox has for it; it may have arrived.',
    { uncertain: true },
  );

/** The ledger after a try. What may have arrived counts as told: a message too many is worse to those who get it than a late one. */
function settled(
  ledger: Ledger,
  { retryAfterMs = 0, ...last }: AlertDelivery & { retryAfterMs?: number | undefined },
  { alert, before, after }: { alert: Alert; before: Noted[]; after: Noted[] },
): Ledger {
  const ended = { ...ledger, sendingSince: 0, last, ruleVersion: alert.version };
  if (last.outcome !== 'failed') return { ...ended, noted: after, failures: 0, retryAt: 0 };
  const failures = ledger.ruleVersion === alert.version ? ledger.failures + 1 : 1;
  const pause = Math.min(alertLimits.backoffMs * 2 ** (failures - 1), alertLimits.longestBackoffMs);
  return { ...ended, noted: before, failures, retryAt: last.at + Math.max(pause, retryAfterMs) };
}
