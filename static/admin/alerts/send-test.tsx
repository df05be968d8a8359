import Button from '@atlaskit/button/new';
import { Stack, Text } from '@atlaskit/primitives';
import SectionMessage from '@atlaskit/section-message';
import { useState } from 'react';
import { type PageError, toPageError } from '../../shared/call';
import { ErrorNotice } from '../../shared/error-notice';
import type { Form } from '../../shared/use-form';
import type { FormValues } from './form-values';
import { testTexts as texts } from './texts';

interface Props {
  form: Form<FormValues>;
  send: () => Promise<{ reply: string }>;
}

type Outcome = { reply: string } | { error: PageError };

/** Sends a test of the form as it is, and shows what the other side answers. */
export function SendTest({ form, send }: Props) {
  const [isSending, setSending] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);

  const run = async () => {
    if (isSending || !form.check()) return;
    setSending(true);
    setOutcome(null);
    try {
      setOutcome(await send());
    } catch (thrown) {
      const error = toPageError(thrown);
      form.reject(error.fields);
      setOutcome({ error });
    }
    setSending(false);
  };
  return (
    <Stack space="space.200" alignInline="start">
      <Button isLoading={isSending} onClick={() => void run()}>
        {texts.send}
      </Button>
      <div role="status">
        {outcome !== null && 'error' in outcome && <ErrorNotice title={texts.failed} error={outcome.error} />}
        {outcome !== null && 'reply' in outcome && (
          <SectionMessage appearance="success" title={texts.sent}>
            <Text as="p">
              {texts.answer}: “{outcome.reply}”
            </Text>
          </SectionMessage>
        )}
      </div>
    </Stack>
  );
}
