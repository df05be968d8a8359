import { mostSteps, type Step, type StepFacts } from '../domain/steps';

/** The steps of one message in one run. */
export interface Trace {
  /** Notes that a step is done. */
  add(facts: StepFacts): void;
  /** Those so far, in their order. */
  steps(): Step[];
}

/**
 * A trace whose first step began at `startedAt` (epoch milliseconds).
 * @param now epoch milliseconds
 */
export function traceFrom(startedAt: number, now: () => number): Trace {
  const steps: Step[] = [];
  let before = startedAt;
  return {
    add: (facts) => {
      const at = now();
      if (steps.length < mostSteps) steps.push({ ...facts, at, tookMs: at - before });
      before = at;
    },
    steps: () => [...steps],
  };
}
