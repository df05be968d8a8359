import { Stack, Text } from '@atlaskit/primitives';
import SectionMessage from '@atlaskit/section-message';
import { useState } from 'react';
import { type PageError, toPageError } from '../../shared/call';
import { ErrorNotice } from '../../shared/error-notice';
import { testTexts as texts } from './texts';

export type Outcome = { reply: string } | { error: PageError };

interface SendTest {
  isSending: boolean;
  /** Of the last test; null before the first and while one is under way. */
  outcome: Outcome | null;
  /** `fail` may show what is wrong with fields, too. */
  run: (send: () => Promise<{ reply: string }>, fail?: (thrown: unknown) => PageError) => Promise<void>;
}

/** Sends a test when it is told to, and keeps what the other side answered. */
export function useSendTest(): SendTest {
  const [isSending, setSending] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const run: SendTest['run'] = async (send, fail = toPageError) => {
    if (isSending) return;
    setSending(true);
    setOutcome(null);
    try {
      setOutcome(await send());
    } catch (thrown) {
      setOutcome({ error: fail(thrown) });
    }
    setSending(false);
  };
  return { isSending, outcome, run };
}

export function TestOutcome({ outcome }: { outcome: Outcome | null }) {
  return (
    <div role="status">
      {outcome !== null && 'error' in outcome && <ErrorNotice title={texts.failed} error={outcome.error} />}
      {outcome !== null && 'reply' in outcome && (
        <SectionMessage appearance="success" title={texts.sent}>
          <Stack space="space.050">
            <Text as="p">
              {texts.answer}: “{outcome.reply}”
            </Text>
          </Stack>
        </SectionMessage>
      )}
    </div>
  );
}
