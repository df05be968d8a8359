import type { Finding } from '../domain/diagnosis';
import { diagnosisLimits } from '../domain/limits';
import type { DiagnosisPorts } from './diagnosis-ports';
import { duration, failed, good, unknown } from './findings';

type Ports = Pick<DiagnosisPorts, 'gateway' | 'jiraTime' | 'now'>;

/** The clock of this function against those that it works with. */
export async function checkClock({ gateway, jiraTime, now }: Ports): Promise<Finding> {
  const [theGateway, jira] = await Promise.all([
    apart(now, async () => {
      const hello = await gateway.hello();
      return hello.ok ? hello.value.at : hello.at;
    }),
    apart(now, jiraTime),
  ]);
  const value = `Gateway: ${said(theGateway)}. Jira: ${said(jira)}.`;
  if (isOff(theGateway))
    return failed(value, {
      reason:
        'The gateway’s clock is wrong. Atlassian’s tokens are good for 25 seconds only, so that the gateway refuses requests.',
      step: 'Have the gateway’s host set its clock from the network (NTP).',
    });
  if (isOff(jira))
    return failed(value, {
      reason:
        'Letterbox’s functions and Jira do not agree on the time. Sign-ins may count as too late, and old mail as new.',
      step: 'Both clocks are Atlassian’s. Run this again; if it stays, tell Atlassian’s support.',
    });
  if (theGateway === null || jira === null)
    return unknown(value, {
      reason: `${theGateway === null ? 'The gateway' : 'Jira'} did not tell its time.`,
      step: theGateway === null ? 'Put right what stands under “Gateway” first.' : 'Run this again in a moment.',
    });
  return good(value);
}

/** Milliseconds that another clock is ahead of ours, beyond what the question itself took; null: not known. */
async function apart(now: () => number, ask: () => Promise<number | null>): Promise<number | null> {
  const askedAt = now();
  const theirs = await ask();
  if (theirs === null) return null;
  const answeredAt = now();
  if (theirs < askedAt) return theirs - askedAt;
  return Math.max(0, theirs - answeredAt);
}

const isOff = (ms: number | null): boolean => ms !== null && Math.abs(ms) > diagnosisLimits.clockMs;

function said(ms: number | null): string {
  if (ms === null) return 'not known';
  // Jira tells whole seconds on some sites.
  if (Math.abs(ms) < 1_000) return 'the same time';
  return `${duration(Math.abs(ms))} ${ms > 0 ? 'ahead' : 'behind'}`;
}
