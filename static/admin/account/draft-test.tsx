import Button from '@atlaskit/button/new';
import { Inline, Stack } from '@atlaskit/primitives';
import { useEffect, useState } from 'react';
import type { CheckReport, CheckStepName } from '../../../src/domain/ports';
import { type PageError, toPageError } from '../../shared/call';
import { ErrorNotice } from '../../shared/error-notice';
import { type Form, fromServer } from '../../shared/use-form';
import { TestReport } from './test-report';
import { testTexts as texts } from './test-texts';

type Outcome = { report: CheckReport } | { error: PageError };

interface Props<V extends Record<string, string>> {
  form: Form<V>;
  /** What the test depends on. */
  fields: readonly (keyof V & string)[];
  run: () => Promise<CheckReport>;
  /** The steps of the whole test; all there are if nothing is said. */
  steps?: readonly CheckStepName[];
  /** Grows with each time that the form itself asks for a test. */
  requests: number;
}

/** Tests a connection as the form describes it, saved or not. */
export function DraftTest<V extends Record<string, string>>(props: Props<V>) {
  const { form, fields, requests, steps } = props;
  const [isRunning, setRunning] = useState(false);
  const [outcome, setOutcome] = useState<{ of: string; result: Outcome } | null>(null);
  const tested = JSON.stringify(fields.map((name) => form.values[name]));

  const run = async () => {
    setRunning(true);
    setOutcome(null);
    try {
      setOutcome({ of: tested, result: { report: await props.run() } });
    } catch (thrown) {
      const error = toPageError(thrown);
      form.reject(fromServer(error.fields));
      setOutcome({ of: tested, result: { error } });
    }
    setRunning(false);
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a request counts once, whatever changes later
  useEffect(() => {
    if (requests > 0 && form.isValid(fields)) void run();
  }, [requests]);

  // A report about settings that were changed since would mislead.
  const shown = outcome?.of === tested ? outcome.result : null;
  return (
    <Stack space="space.200">
      <Inline>
        <Button isLoading={isRunning} onClick={() => form.check(fields) && void run()}>
          {texts.run}
        </Button>
      </Inline>
      <div role="status">
        {shown && 'report' in shown && <TestReport report={shown.report} {...(steps && { steps })} />}
        {shown && 'error' in shown && <ErrorNotice title={texts.callFailed} error={shown.error} />}
      </div>
    </Stack>
  );
}
