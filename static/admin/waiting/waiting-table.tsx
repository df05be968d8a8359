import { DynamicTableStateless } from '@atlaskit/dynamic-table';
import { Box, Stack, Text, xcss } from '@atlaskit/primitives';
import type { WaitingView } from '../../../src/resolvers/views';
import { useHasWideTable } from '../../shared/layout';
import { Moment } from '../../shared/reader';
import { WorkButton } from '../../shared/work-button';
import { claimedText, reasonTexts, waitingTexts as texts } from './texts';

interface Props {
  items: readonly WaitingView[];
  connectionName: ((id: string) => string) | null;
  onTry: (item: WaitingView) => Promise<void>;
}

const scrollStyles = xcss({ overflowX: 'auto' });

/** Mail that is held back: the sender's words are shown as text. */
export function WaitingTable({ items, connectionName, onTry }: Props) {
  const isWide = useHasWideTable();
  const { columns } = texts;
  const cells = (item: WaitingView) => {
    const mail = <Mail item={item} />;
    const connection = connectionName === null ? null : <Text maxLines={2}>{connectionName(item.connectionId)}</Text>;
    const retryAt = item.retryAt > Date.now() ? <Moment time={item.retryAt} /> : texts.nextPoll;
    const action = item.mayTryNow && (
      <WorkButton spacing="compact" aria-label={texts.tryNowOf(subjectOf(item))} onClick={() => onTry(item)}>
        {texts.tryNow}
      </WorkButton>
    );
    if (!isWide) {
      const all = (
        <Stack space="space.100" alignInline="start">
          {mail}
          {connection}
          <Why item={item} />
          <Text>
            {columns.retryAt}: {retryAt}
          </Text>
          {action}
        </Stack>
      );
      return [{ key: 'mail', content: all }];
    }
    return [
      { key: 'mail', content: mail },
      ...(connection === null ? [] : [{ key: 'connection', content: connection }]),
      { key: 'reason', content: <Why item={item} /> },
      { key: 'retryAt', content: retryAt },
      { key: 'action', content: action },
    ];
  };
  const wide = [
    { key: 'mail', content: columns.mail, width: connectionName === null ? 32 : 26 },
    ...(connectionName === null ? [] : [{ key: 'connection', content: columns.connection, width: 14 }]),
    { key: 'reason', content: columns.reason, width: connectionName === null ? 42 : 34 },
    { key: 'retryAt', content: columns.retryAt, width: 14 },
    { key: 'action', content: columns.action, width: 12 },
  ];
  const head = isWide ? wide : [{ key: 'mail', content: columns.mail }];
  return (
    <Box xcss={scrollStyles}>
      <DynamicTableStateless
        label={texts.section}
        isFixedSize
        head={{ cells: head.map((cell) => ({ ...cell, isSortable: false })) }}
        rows={items.map((item) => ({ key: `${item.connectionId} ${item.handle}`, cells: cells(item) }))}
      />
    </Box>
  );
}

const subjectOf = ({ subject }: WaitingView) => (subject === null ? texts.notRead : subject || texts.noSubject);

function Mail({ item }: { item: WaitingView }) {
  return (
    <Stack>
      <Text maxLines={2}>{subjectOf(item)}</Text>
      {item.from && (
        <Text size="small" color="color.text.subtle" maxLines={1}>
          {item.from}
        </Text>
      )}
    </Stack>
  );
}

function Why({ item: { reason, message, since, attempts } }: { item: WaitingView }) {
  return (
    <Stack>
      <Text>{message ?? reasonTexts[reason]}</Text>
      {reason === 'claimed' && <Text>{claimedText}</Text>}
      <Text size="small" color="color.text.subtle">
        {attempts > 0 && `${texts.attempts(attempts)}. `}
        {since !== null && (
          <>
            {texts.since} <Moment time={since} />
          </>
        )}
      </Text>
    </Stack>
  );
}
