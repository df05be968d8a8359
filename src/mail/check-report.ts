import { toAppError } from '../domain/app-error';
import type { CheckReport, CheckStep, CheckStepName } from '../domain/ports';
import { countText } from './count-text';
import type { HttpDeps } from './http';

/** Collects the steps of a check over HTTPS; name lookup and TLS are the platform's business, and no steps here. */
export interface CheckWalk {
  /**
   * The steps `connect` and `sign-in`: gets a token, then makes a first call with it. A failure belongs to the step that
   * its error names.
   */
  signIn<T>(host: string, deps: HttpDeps, call: () => Promise<T>): Promise<T>;
  step<T>(name: CheckStepName, work: () => Promise<T>): Promise<T>;
  /** What the last step found, in words for an administrator. */
  found(message: string): void;
}

/** Walks the steps up to the first that fails; the counts that come back close the report. */
export async function checkReport(
  walk: (steps: CheckWalk) => Promise<{ total: number; unread: number }>,
): Promise<CheckReport> {
  const steps: CheckStep[] = [];
  const passed = (step: CheckStepName, took: number, message: string) =>
    steps.push({ step, ok: true, took, message, detail: null });
  const failed = (step: CheckStepName, took: number, thrown: unknown) => {
    const error = toAppError(thrown);
    steps.push({ step, ok: false, took, message: error.message, detail: error.detail ?? null });
    return error;
  };
  const timed = async <T>(name: CheckStepName, work: () => Promise<T>): Promise<{ value: T; took: number }> => {
    const begin = performance.now();
    try {
      return { value: await work(), took: Math.round(performance.now() - begin) };
    } catch (thrown) {
      throw failed(name, Math.round(performance.now() - begin), thrown);
    }
  };

  try {
    const messages = await walk({
      signIn: async (host, deps, call) => {
        const token = await timed('sign-in', () => deps.getAccessToken());
        const begin = performance.now();
        try {
          const value = await call();
          passed('connect', Math.round(performance.now() - begin), `${host} answers.`);
          passed('sign-in', token.took, 'The sign-in is valid.');
          return value;
        } catch (thrown) {
          const took = Math.round(performance.now() - begin);
          const { step } = toAppError(thrown);
          if (step === 'sign-in' || step === 'folder') {
            passed('connect', took, `${host} answers.`);
            if (step === 'folder') passed('sign-in', token.took, 'The sign-in is valid.');
            throw failed(step, took, thrown);
          }
          throw failed('connect', took, thrown);
        }
      },
      step: async (name, work) => {
        const { value, took } = await timed(name, work);
        passed(name, took, '');
        return value;
      },
      found: (message) => {
        const last = steps.at(-1);
        if (last !== undefined) last.message = message;
      },
    });
    const last = steps.at(-1);
    if (last?.step === 'count') last.message = countText(messages);
    return { ok: true, steps, messages };
  } catch (thrown) {
    // A failure that no step has recorded is a mistake of ours, and must not pass for a report.
    if (steps.every((step) => step.ok)) throw thrown;
    return { ok: false, steps, messages: null };
  }
}
