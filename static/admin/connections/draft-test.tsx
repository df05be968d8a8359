import Button from '@atlaskit/button/new';
import { Inline, Stack } from '@atlaskit/primitives';
import { useEffect, useState } from 'react';
import type { CheckReport } from '../../../src/domain/ports';
import { call, type PageError, toPageError } from '../../shared/call';
import { ErrorNotice } from '../../shared/error-notice';
import type { Form } from '../../shared/use-form';
import { type FormValues, fromServer, mailboxFields, toDraft } from './form-values';
import { TestReport } from './test-report';
import { testTexts as texts } from './texts';

type Outcome = { report: CheckReport } | { error: PageError };

interface Props {
  form: Form<FormValues>;
  id: string | null;
  /** Grows with each time that the form itself asks for a test. */
  requests: number;
  /** Nothing of what reaches the mailbox is missing or wrong. */
  isComplete: boolean;
}

/** Tests the mailbox as the form describes it, saved or not. */
export function DraftTest({ form, id, requests, isComplete }: Props) {
  const [isRunning, setRunning] = useState(false);
  const [outcome, setOutcome] = useState<{ of: string; result: Outcome } | null>(null);
  const tested = JSON.stringify(mailboxFields.map((name) => form.values[name]));

  const run = async () => {
    setRunning(true);
    setOutcome(null);
    try {
      setOutcome({ of: tested, result: { report: await call('connections.test', toDraft(form.values, id)) } });
    } catch (thrown) {
      const error = toPageError(thrown);
      form.reject(fromServer(error.fields));
      setOutcome({ of: tested, result: { error } });
    }
    setRunning(false);
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a request counts once, whatever changes later
  useEffect(() => {
    if (requests > 0 && isComplete) void run();
  }, [requests]);

  // A report about settings that were changed since would mislead.
  const shown = outcome?.of === tested ? outcome.result : null;
  return (
    <Stack space="space.200">
      <Inline>
        <Button isLoading={isRunning} onClick={() => form.check(mailboxFields) && void run()}>
          {texts.run}
        </Button>
      </Inline>
      <div role="status">
        {shown && 'report' in shown && <TestReport report={shown.report} />}
        {shown && 'error' in shown && <ErrorNotice title={texts.callFailed} error={shown.error} />}
      </div>
    </Stack>
  );
}
