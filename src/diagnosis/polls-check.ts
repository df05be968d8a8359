import type { Finding } from '../domain/diagnosis';
import { pollLimits } from '../domain/limits';
import type { DiagnosisPorts } from './diagnosis-ports';
import { counted, duration, failed, good, unknown } from './findings';

type Ports = Pick<DiagnosisPorts, 'connections' | 'cursors' | 'now'>;

/** Milliseconds between two runs of the trigger that plans polls, and how late the platform may be with it. */
const triggerMs = 5 * 60_000;
/** Connections whose notes are read. */
const maxRead = 25;

/**
 * Whether the trigger runs, by what the polls that it plans have noted: it leaves no trace of its own, since an idle site writes nothing.
 * A poll notes that it ran each quarter of an hour (`pollLimits.heartbeatMs`).
 */
export async function checkPolls({ connections, cursors, now }: Ports): Promise<Finding> {
  const enabled = await connections.list('enabled');
  if (enabled.length === 0)
    return unknown('No connection is enabled', {
      reason: 'Whether Jira runs Letterbox every five minutes shows only in the polls that come of it.',
      step: 'Enable a connection, and run this again twenty minutes later.',
    });
  const at = now();
  const noted = await Promise.all(
    enabled.slice(0, maxRead).map(async ({ id, updatedAt, settings }) => {
      const cursor = await cursors.get(id);
      const allowedMs = pollLimits.heartbeatMs + settings.intervalMinutes * 60_000 + triggerMs;
      const polledAt = cursor?.polledAt ?? null;
      // A poll that a person asked for says nothing of the trigger.
      const isPlanned = polledAt !== null && cursor?.asked?.at !== polledAt;
      return { polledAt, isPlanned, isTroubled: cursor?.trouble != null, updatedAt, allowedMs };
    }),
  );
  const last = Math.max(0, ...noted.map(({ polledAt }) => polledAt ?? 0));
  const seen = last === 0 ? 'No poll was noted yet' : `The last poll was noted ${duration(at - last)} ago`;
  const isLate = ({ polledAt, updatedAt, allowedMs }: (typeof noted)[number]) =>
    at - Math.max(polledAt ?? 0, updatedAt) > allowedMs;
  if (noted.some((one) => one.isPlanned && !isLate({ ...one, updatedAt: 0 })))
    return good(seen, { reason: 'A poll without mail is noted each quarter of an hour only.' });
  const healthy = noted.filter(({ isTroubled }) => !isTroubled);
  if (healthy.length === 0)
    return unknown(seen, {
      reason: `What is enabled (${counted(enabled.length, 'connection')}) does not reach its mailbox, so that no poll was noted.`,
      step: 'Put right what the connections say first.',
    });
  if (!healthy.some(isLate))
    return unknown(seen, {
      reason: 'The connections were enabled, changed, or polled by hand too short a time ago.',
      step: 'Run this again in twenty minutes.',
    });
  return failed(seen, {
    reason: 'Jira should run Letterbox every five minutes, and does not: no mail is taken.',
    step: 'Press “Poll now” on a connection: if that works, the scheduled trigger is not run. Have the app deployed again, and look at its logs in the developer console.',
  });
}
