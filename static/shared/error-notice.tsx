import { Stack, Text } from '@atlaskit/primitives';
import SectionMessage, { SectionMessageAction } from '@atlaskit/section-message';
import type { PageError } from './call';

interface Props {
  /** What could not be done: "The connections could not be loaded". */
  title: string;
  error: PageError;
  retry?: { label: string; run: () => void };
}

/** Says what failed, why and what to do, with the other server's own words. */
export function ErrorNotice({ title, error, retry }: Props) {
  return (
    <div role="alert">
      <SectionMessage
        appearance="error"
        title={title}
        {...(retry && {
          actions: [
            <SectionMessageAction key="retry" onClick={retry.run}>
              {retry.label}
            </SectionMessageAction>,
          ],
        })}
      >
        <Stack space="space.050">
          <Text as="p">{error.message}</Text>
          {error.detail && <ServerWords>{error.detail}</ServerWords>}
        </Stack>
      </SectionMessage>
    </div>
  );
}

/** What a mail server said, marked as such: its words are not ours, and may be anything. */
export function ServerWords({ children }: { children: string }) {
  return (
    <Text as="p" color="color.text.subtle">
      The server said: “{children}”
    </Text>
  );
}
