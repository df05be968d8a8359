import type { DiagnosisPorts } from '../diagnosis/diagnosis-ports';
import { installationByContext } from './app-context';
import type { Handlers } from './define';

/** What the page calls that says what the platform really does on this site. */
export function diagnosisHandlers(
  ports: DiagnosisPorts & { callbackUrl(): Promise<string> },
): Pick<Handlers, `diagnosis.${'check' | 'installation'}`> {
  return {
    'diagnosis.check': async ({ check }) => {
      // Few come to this page: no other invocation pays for it.
      const { runCheck } = await import('../diagnosis/run-check');
      return runCheck(check, ports);
    },
    'diagnosis.installation': () => installationByContext(ports.callbackUrl),
  };
}
