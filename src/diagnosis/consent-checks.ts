import { neededHosts, neededScopes } from '../domain/consent';
import type { Finding } from '../domain/diagnosis';
import type { DiagnosisPorts } from './diagnosis-ports';
import { failed, good, unknown } from './findings';

type Ports = Pick<DiagnosisPorts, 'granted'>;

const step =
  'A site administrator opens Connected apps, chooses Letterbox and accepts its update. If none is offered, uninstall nothing: deploy the app again.';

export function checkScopes({ granted }: Ports): Finding {
  return held('permissions', neededScopes, granted().scopes, (scope, found) => found === scope);
}

export function checkHosts({ granted }: Ports): Finding {
  return held('hosts', neededHosts, granted().hosts, (host, found) => found === host || covers(found, host));
}

/** `*.example.com` covers every name below it. */
const covers = (found: string, host: string): boolean =>
  found === '*' || (found.startsWith('*.') && host.endsWith(found.slice(1)));

function held(
  noun: string,
  needed: Readonly<Record<string, string>>,
  granted: readonly string[] | null,
  isCovered: (name: string, found: string) => boolean,
): Finding {
  if (granted === null)
    return unknown('The platform does not tell', {
      reason: `The platform does not tell the app which ${noun} were granted.`,
    });
  const all = Object.entries(needed);
  const missing = all.filter(([name]) => !granted.some((found) => isCovered(name, found)));
  if (missing.length === 0) return good(`All ${all.length} ${noun} that Letterbox needs are granted`);
  return failed(`${missing.length} of ${all.length} ${noun} missing`, {
    reason: `Missing: ${missing.map(([name, purpose]) => `${name} (${purpose})`).join(', ')}.`,
    step,
  });
}
