import { DynamicTableStateless } from '@atlaskit/dynamic-table';
import { Stack, Text } from '@atlaskit/primitives';
import type { Preview } from '../../../src/domain/start';
import { ErrorNotice } from '../../shared/error-notice';
import { Loading, useHasWideTable } from '../../shared/layout';
import { useTimeFormat } from '../../shared/reader';
import { enableTexts as texts } from './enable-texts';
import type { Shown } from './use-estimates';

/** The first messages that a start would take; the subject and sender are the sender's words, shown as text. */
export function StartPreview({ shown, count }: { shown: Shown; count: number | null }) {
  const isWide = useHasWideTable();
  const date = useTimeFormat({ dateStyle: 'medium', timeStyle: 'short' });
  if (shown.state === 'loading') return <Loading label={texts.previewing} />;
  if (shown.state === 'failed') {
    return (
      <ErrorNotice
        title={texts.previewFailed}
        error={shown.error}
        retry={{ label: texts.previewAgain, run: shown.retry }}
      />
    );
  }
  const { previews } = shown;
  const title = texts.previewTitle(previews.length, count);
  const when = ({ receivedAt }: Preview) => (receivedAt === null ? texts.noDate : date(receivedAt));
  const subjectOf = ({ subject }: Preview) => subject || texts.noSubject;
  const senderOf = ({ from }: Preview) => from || texts.noSender;

  return (
    <Stack space="space.050">
      <Text as="p" weight="medium">
        {title}
      </Text>
      <DynamicTableStateless
        label={title}
        isFixedSize
        head={{
          cells: (isWide
            ? [
                { key: 'date', content: texts.columns.received, width: 24 },
                { key: 'from', content: texts.columns.from, width: 36 },
                { key: 'subject', content: texts.columns.subject, width: 40 },
              ]
            : [{ key: 'subject', content: texts.columns.mail }]
          ).map((cell) => ({ ...cell, isSortable: false })),
        }}
        rows={previews.map((preview) => ({
          key: preview.handle,
          cells: isWide
            ? [
                { key: 'date', content: when(preview) },
                { key: 'from', content: <Text maxLines={1}>{senderOf(preview)}</Text> },
                { key: 'subject', content: <Text maxLines={1}>{subjectOf(preview)}</Text> },
              ]
            : [
                {
                  key: 'subject',
                  content: <Lines first={subjectOf(preview)} rest={[senderOf(preview), when(preview)]} />,
                },
              ],
        }))}
      />
    </Stack>
  );
}

function Lines({ first, rest }: { first: string; rest: readonly string[] }) {
  return (
    <Stack>
      <Text maxLines={2}>{first}</Text>
      {rest.map((line) => (
        <Text key={line} size="small" color="color.text.subtle" maxLines={1}>
          {line}
        </Text>
      ))}
    </Stack>
  );
}
