import Button from '@atlaskit/button/new';
import EmptyState from '@atlaskit/empty-state';
import { ModalTransition } from '@atlaskit/modal-dialog';
import { Inline, Stack, Text } from '@atlaskit/primitives';
import { useState } from 'react';
import type { ActivityView } from '../../../src/resolvers/views';
import { call, toPageError } from '../../shared/call';
import { ConfirmDialog } from '../../shared/confirm-dialog';
import { ErrorNotice } from '../../shared/error-notice';
import { flag } from '../../shared/flags';
import { Loading } from '../../shared/layout';
import { useExactTime } from '../../shared/reader';
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
}

export function ActivityList({ query, connectionName, isWaiting, onAsked }: Props) {
  const activity = useActivity(query, isWaiting);
  const [shown, setShown] = useState<{ entry: ActivityView; isDismissing: boolean } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const personName = usePeople(activity.entries);
  const close = () => setShown(null);

  const dismiss = async ({ id }: ActivityView) => {
    setBusy(true);
    try {
      await call('activity.dismiss', { id });
      flag('success', entryTexts.dismissed);
    } catch (thrown) {
      flag('error', entryTexts.dismissFailed, toPageError(thrown).message);
    }
    setBusy(false);
    close();
    await activity.reload();
  };

  const { entries, error } = activity;
  const isEmpty = entries?.length === 0 && activity.cursor === null;
  return (
    <>
      {error && (
        <ErrorNotice
          title={texts.loadFailed}
          error={error}
          retry={{ label: texts.retry, run: () => void activity.reload() }}
        />
      )}
      {entries === null && !error && <Loading label={texts.loading} />}
      {isEmpty && <EmptyState header={texts.emptyTitle} headingLevel={2} description={texts.empty} />}
      {entries !== null && !isEmpty && (
        <Stack space="space.200">
          <ActivityTable
            entries={entries}
            connectionName={connectionName}
            personName={personName}
            onOpen={(entry) => setShown({ entry, isDismissing: false })}
          />
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
        isBusy={isBusy}
        onConfirm={() => shown !== null && void dismiss(shown.entry)}
        onCancel={close}
      >
        {entryTexts.dismissText}
      </ConfirmDialog>
    </>
  );
}

/** How far the list goes, and the way on. */
function More({ activity }: { activity: Activity }) {
  const exactTime = useExactTime();
  const { cursor, searchedUntil, isLoadingMore } = activity;
  if (cursor === null) return <Text color="color.text.subtle">{texts.end}</Text>;
  const more = () =>
    activity.more().catch((thrown: unknown) => flag('error', texts.moreFailed, toPageError(thrown).message));
  return (
    <Inline space="space.200" alignBlock="center" shouldWrap>
      <Button isLoading={isLoadingMore} onClick={() => void more()}>
        {searchedUntil === null ? texts.more : texts.searchMore}
      </Button>
      {searchedUntil !== null && <Text role="status">{texts.searchedUntil(exactTime(searchedUntil))}</Text>}
    </Inline>
  );
}
