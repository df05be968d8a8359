import { DynamicTableStateless } from '@atlaskit/dynamic-table';
import { Box, Pressable, Stack, Text, xcss } from '@atlaskit/primitives';
import type { ReactNode } from 'react';
import type { ActivityView } from '../../../src/resolvers/views';
import { useHasWideTable } from '../../shared/layout';
import { Moment } from '../../shared/reader';
import { IssueLink } from './issue-link';
import { Result } from './result';
import { listTexts as texts } from './texts';

interface Props {
  entries: readonly ActivityView[];
  connectionName: (entry: ActivityView) => string;
  personName: (accountId: string | null) => string;
  onOpen: (entry: ActivityView) => void;
}

type Column = keyof typeof texts.columns;
/** Percent of the table's width. */
const widths: Readonly<Record<Column, number>> = {
  at: 12,
  from: 22,
  subject: 32,
  connection: 14,
  result: 12,
  issue: 8,
};
const wide: readonly Column[] = ['at', 'from', 'subject', 'connection', 'result', 'issue'];
const narrow: readonly Column[] = ['at', 'subject', 'result'];

const scrollStyles = xcss({ overflowX: 'auto' });
const subjectStyles = xcss({
  display: 'block',
  backgroundColor: 'color.background.neutral.subtle',
  padding: 'space.0',
  textAlign: 'start',
});

/** The entries in the order in which they come: the newest first. */
export function ActivityTable({ entries, connectionName, personName, onOpen }: Props) {
  const isWide = useHasWideTable();
  const columns = isWide ? wide : narrow;

  const origin = ({ result, from, by }: ActivityView) =>
    result === 'changed' && by !== undefined ? personName(by) : (from ?? '');
  const issue = ({ issueKey }: ActivityView) => (issueKey === null ? null : <IssueLink issueKey={issueKey} />);
  const subject = (entry: ActivityView) => (
    <Pressable xcss={subjectStyles} aria-haspopup="dialog" onClick={() => onOpen(entry)}>
      <Text color="color.link" maxLines={2}>
        {subjectOf(entry)}
      </Text>
    </Pressable>
  );
  const cells: Record<Column, (entry: ActivityView) => ReactNode> = {
    at: ({ at }) => <Moment time={at} />,
    from: (entry) => <Text maxLines={2}>{origin(entry)}</Text>,
    subject: (entry) =>
      isWide ? (
        subject(entry)
      ) : (
        <Stack space="space.050">
          {subject(entry)}
          <Text size="small">{[origin(entry), connectionName(entry)].filter(Boolean).join(' · ')}</Text>
          {issue(entry)}
        </Stack>
      ),
    connection: (entry) => <Text maxLines={2}>{connectionName(entry)}</Text>,
    result: ({ result }) => <Result result={result} />,
    issue,
  };

  return (
    <Box xcss={scrollStyles}>
      <DynamicTableStateless
        label={texts.title}
        head={{
          cells: columns.map((key) => ({ key, content: texts.columns[key], ...(isWide && { width: widths[key] }) })),
        }}
        rows={entries.map((entry) => ({
          key: entry.id,
          cells: columns.map((key) => ({ key, content: cells[key](entry) })),
        }))}
      />
    </Box>
  );
}

/** What became an issue was downloaded, even where it names neither. */
export function subjectOf({ subject, from, result }: ActivityView): string {
  if (!subject && from === null && result !== 'created') return texts.notDownloaded;
  return subject || texts.noSubject;
}
