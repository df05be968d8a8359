import Button from '@atlaskit/button/new';
import EmptyState from '@atlaskit/empty-state';
import { ModalTransition } from '@atlaskit/modal-dialog';
import { Inline, Stack, Text } from '@atlaskit/primitives';
import { useEffect, useState } from 'react';
import type { ActivityView } from '../../../src/resolvers/views';
import { attempt } from '../../shared/attempt';
import { call } from '../../shared/call';
import { ConfirmDialog } from '../../shared/confirm-dialog';
import { flag } from '../../shared/flags';
import { QueryNotice } from '../../shared/query-notice';
import { useExactTime } from '../../shared/reader';
import { WorkButton } from '../../shared/work-button';
import { ActivityTable } from './activity-table';
import { EntryDialog } from './entry-dialog';
import { entryTexts, listTexts as texts } from './texts';
import { type ActivityList as Activity, type ActivityQuery, useActivity } from './use-activity';
import { usePeople } from './use-people';

interface Props {
  query: ActivityQuery;
  connectionName: (entry: ActivityView) => string;
  /** Something was asked for that will soon show in the list. */
  isWaiting: boolean;
  onAsked: () => void;
  /** Told of when the newest entry is from (epoch milliseconds). */
  onNewest: (at: number) => void;
  /** Shows all there is; null where no filter hides any of it. */
  onReset: (() => void) | null;
}

export function ActivityList({ query, connectionName, isWaiting, onAsked, onNewest, onReset }: Props) {
  const activity = useActivity(query, isWaiting);
  const [shown, setShown] = useState<{ entry: ActivityView; isDismissing: boolean } | null>(null);
  const personName = usePeople(activity.entries);
  const close = () => setShown(null);
  const newestAt = activity.entries?.[0]?.at;
  useEffect(() => {
    if (newestAt !== undefined) onNewest(newestAt);
  }, [newestAt, onNewest]);

  const dismiss = async ({ id }: ActivityView) => {
    await attempt(entryTexts.dismissFailed, async () => {
      await call('activity.dismiss', { id });
      flag('success', entryTexts.dismissed);
    });
    close();
    await activity.reload();
  };

  const { entries } = activity;
  const isEmpty = entries?.length === 0 && activity.cursor === null;
  return (
    <>
      <QueryNotice query={{ ...activity, value: entries }} texts={texts} />
      {isEmpty && <Empty onReset={onReset} />}
      {entries !== null && !isEmpty && (
        <Stack space="space.200">
          {entries.length > 0 && (
            <ActivityTable
              entries={entries}
              connectionName={connectionName}
              personName={personName}
              onOpen={(entry) => setShown({ entry, isDismissing: false })}
            />
          )}
          <More activity={activity} />
        </Stack>
      )}
      <ModalTransition>
        {shown !== null && !shown.isDismissing && (
          <EntryDialog
            entry={shown.entry}
            connectionName={connectionName(shown.entry)}
            personName={personName}
            onAsked={() => {
              onAsked();
              close();
            }}
            onDismiss={() => setShown({ ...shown, isDismissing: true })}
            onClose={close}
          />
        )}
      </ModalTransition>
      <ConfirmDialog
        isOpen={shown?.isDismissing ?? false}
        title={entryTexts.dismissTitle}
        confirmLabel={entryTexts.dismiss}
        appearance="warning"
        onConfirm={() => shown && dismiss(shown.entry)}
        onCancel={close}
      >
        {entryTexts.dismissText}
      </ConfirmDialog>
    </>
  );
}

function Empty({ onReset }: Pick<Props, 'onReset'>) {
  if (onReset === null) return <EmptyState header={texts.noneTitle} headingLevel={2} description={texts.none} />;
  const reset = <Button onClick={onReset}>{texts.resetFilters}</Button>;
  return <EmptyState header={texts.emptyTitle} headingLevel={2} description={texts.empty} primaryAction={reset} />;
}

/** How far the list goes, and the way on. */
function More({ activity }: { activity: Activity }) {
  const exactTime = useExactTime();
  const { entries, cursor, searchedUntil } = activity;
  if (cursor === null) return <Text color="color.text.subtle">{texts.end}</Text>;
  const searched = entries?.length === 0 ? texts.nothingUntil : texts.searchedUntil;
  return (
    <Inline space="space.200" alignBlock="center" shouldWrap>
      <WorkButton onClick={() => attempt(texts.moreFailed, activity.more)}>
        {searchedUntil === null ? texts.more : texts.searchMore}
      </WorkButton>
      {searchedUntil !== null && <Text role="status">{searched(exactTime(searchedUntil))}</Text>}
    </Inline>
  );
}
