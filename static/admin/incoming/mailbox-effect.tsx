import Checkbox from '@atlaskit/checkbox';
import { Stack, Text } from '@atlaskit/primitives';
import SectionMessage from '@atlaskit/section-message';
import { deletionOf } from '../../../src/domain/connection';
import type { StartEstimate } from '../../../src/domain/start';
import type { ConnectionView } from '../../../src/resolvers/views';
import { effectTexts as texts } from './enable-texts';

type Settings = ConnectionView['settings'];

/** What becomes of the mail in the mailbox, where that can be undone. */
export function MailboxEffect({ settings, estimate }: { settings: Settings; estimate: StartEstimate }) {
  const { afterDownload, moveTo, provider } = settings;
  if (afterDownload === 'delete') return null;
  if (provider === 'pop3') return <Text as="p">{texts.stays}</Text>;
  const text = afterDownload === 'move' ? texts.move(estimate, moveTo) : texts.markRead(estimate);
  return <Text as="p">{text}</Text>;
}

interface Props {
  settings: Settings;
  estimate: StartEstimate;
  isAcknowledged: boolean;
  onAcknowledge: (isAcknowledged: boolean) => void;
}

/** How much of the mailbox is deleted, which somebody has to agree to by itself. */
export function DeletionNotice({ settings, estimate, isAcknowledged, onAcknowledge }: Props) {
  if (settings.afterDownload !== 'delete') return null;
  const words = texts.deletions[deletionOf(settings)];
  if (estimate.settled === 0) {
    return (
      <SectionMessage appearance="warning">
        <Text as="p">{texts.deletesLater(words)}</Text>
      </SectionMessage>
    );
  }
  return (
    <SectionMessage appearance="error" title={texts.deletes(estimate, words)}>
      <Stack space="space.100">
        {texts.afterIssues(estimate).map((line) => (
          <Text as="p" key={line}>
            {line}
          </Text>
        ))}
        <Text as="p">{words.hint}</Text>
        <Checkbox
          label={texts.acknowledge(estimate, words)}
          isChecked={isAcknowledged}
          onChange={(event) => onAcknowledge(event.currentTarget.checked)}
        />
      </Stack>
    </SectionMessage>
  );
}
