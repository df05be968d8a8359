import { isConsentError, toAppError } from '../domain/app-error';
import type { CheckName, Finding } from '../domain/diagnosis';
import { inTime } from '../domain/in-time';
import { diagnosisLimits } from '../domain/limits';
import { checkClock } from './clock-check';
import { checkHosts, checkScopes } from './consent-checks';
import type { DiagnosisPorts } from './diagnosis-ports';
import { duration, failed } from './findings';
import { checkBytes, checkGateway, checkTime } from './gateway-checks';
import { checkSearch, checkStorage } from './lag-checks';
import { checkPolls } from './polls-check';

const checks: Readonly<Record<CheckName, (ports: DiagnosisPorts) => Finding | Promise<Finding>>> = {
  gateway: checkGateway,
  bytes: checkBytes,
  time: checkTime,
  clock: checkClock,
  scopes: checkScopes,
  hosts: checkHosts,
  polls: checkPolls,
  storage: checkStorage,
  search: checkSearch,
};

/** Runs one check within its time. What it fails with is its finding; only the platform's question for consent is thrown on. */
export async function runCheck(name: CheckName, ports: DiagnosisPorts): Promise<Finding> {
  const ms = Math.max(1_000, Math.min(diagnosisLimits.checkMs, ports.remainingMs() - diagnosisLimits.reserveMs));
  try {
    return await inTime(
      ms,
      () => new LateCheck(),
      async () => checks[name](ports),
    );
  } catch (thrown) {
    if (isConsentError(thrown)) throw thrown;
    if (thrown instanceof LateCheck)
      return failed(`No result within ${duration(ms)}`, { step: 'Run this again in a moment.' });
    const { code, message, cause, retryAfterMs } = toAppError(thrown);
    ports.log('warn', 'check-failed', { name, code, cause });
    const when = retryAfterMs === undefined ? 'a moment' : duration(retryAfterMs);
    return failed('It could not be looked at', { reason: message, step: `Run this again in ${when}.` });
  }
}

class LateCheck extends Error {}
