import Button from '@atlaskit/button/new';
import EmptyState from '@atlaskit/empty-state';
import { ModalTransition } from '@atlaskit/modal-dialog';
import { useRef, useState } from 'react';
import type { ConnectionView } from '../../../src/resolvers/contract';
import { call, toPageError } from '../../shared/call';
import { ConfirmDialog } from '../../shared/confirm-dialog';
import { ErrorNotice } from '../../shared/error-notice';
import { flag } from '../../shared/flags';
import { Loading, PageHeader } from '../../shared/layout';
import { useRouter } from '../../shared/router';
import { paths } from '../paths';
import { ConnectionsTable } from './connections-table';
import { EnableDialog } from './enable-dialog';
import type { RowAction, RowMenuProps } from './row-menu';
import { StatusDialog } from './status-dialog';
import { TestDialog } from './test-dialog';
import { listTexts as texts } from './texts';
import { useConnections } from './use-connections';

type DialogName = 'delete' | 'enable' | 'test' | 'status';

export function ConnectionsScreen() {
  const { navigate } = useRouter();
  const connections = useConnections();
  const [dialog, setDialog] = useState<{ name: DialogName; connection: ConnectionView } | null>(null);
  const opener = useRef<HTMLElement | null>(null);
  const [isDeleting, setDeleting] = useState(false);
  const close = () => setDialog(null);
  const edit = ({ id }: ConnectionView) => navigate(paths.connection(id));

  /** Runs an action of a row; what goes wrong is told in a flag, since the row may be far from any other place. */
  const run = async (action: RowAction, { settings }: ConnectionView, work: () => Promise<void>) => {
    try {
      await work();
    } catch (thrown) {
      flag('error', texts.actionFailed(texts[action], settings.name), toPageError(thrown).message);
    }
    await connections.reload();
  };

  const test = ({ id, settings }: ConnectionView) => call('connections.test', { id, settings });
  const disable = async ({ id, version, settings }: ConnectionView) => {
    await call('connections.disable', { id, version });
    flag('success', texts.disabled(settings.name));
  };
  const duplicate = async ({ id }: ConnectionView) => {
    const copy = await call('connections.duplicate', { id });
    const needsAccess = 'credentialId' in copy.settings;
    flag('success', texts.duplicated(copy.settings.name), needsAccess ? texts.duplicatedHint : '');
    edit(copy);
  };
  const remove = async ({ id, version, settings }: ConnectionView) => {
    await call('connections.delete', { id, version });
    flag('success', texts.deleted(settings.name));
  };

  const onAction: RowMenuProps['onAction'] = (action, connection, button) => {
    opener.current = button;
    if (action === 'edit') edit(connection);
    else if (action === 'activity') navigate(paths.activityOf(connection.id));
    else if (action === 'pollNow') void connections.pollNow(connection);
    else if (action === 'disable') void run(action, connection, () => disable(connection));
    else if (action === 'duplicate') void run(action, connection, () => duplicate(connection));
    else setDialog({ name: action, connection });
  };
  const onDelete = async (connection: ConnectionView) => {
    setDeleting(true);
    await run('delete', connection, () => remove(connection));
    setDeleting(false);
    close();
  };

  const { value, error } = connections;
  const add = (
    <Button appearance="primary" onClick={() => navigate(paths.newConnection)}>
      {texts.add}
    </Button>
  );
  return (
    <>
      <PageHeader title={texts.title} actions={value !== null && value.length > 0 && add} />
      {error && (
        <ErrorNotice
          title={texts.loadFailed}
          error={error}
          retry={{ label: texts.retry, run: () => void connections.reload() }}
        />
      )}
      {value === null && !error && <Loading label={texts.loading} />}
      {value?.length === 0 && (
        <EmptyState header={texts.emptyTitle} headingLevel={2} description={texts.empty} primaryAction={add} />
      )}
      {value !== null && value.length > 0 && (
        <ConnectionsTable
          connections={value}
          isPolling={connections.isPolling}
          onAction={onAction}
          onShowStatus={(connection) => setDialog({ name: 'status', connection })}
        />
      )}
      <ModalTransition>
        {dialog?.name === 'status' && (
          <StatusDialog connection={dialog.connection} onEdit={() => edit(dialog.connection)} onClose={close} />
        )}
        {dialog?.name === 'test' && (
          <TestDialog
            name={dialog.connection.settings.name}
            run={() => test(dialog.connection)}
            returnFocus={opener}
            onClose={close}
          />
        )}
        {dialog?.name === 'enable' && (
          <EnableDialog
            connection={dialog.connection}
            returnFocus={opener}
            onEnabled={() => {
              // The app polls a connection at once when it is enabled.
              connections.awaitPoll(dialog.connection);
              void connections.reload();
            }}
            onClose={close}
          />
        )}
      </ModalTransition>
      <ConfirmDialog
        isOpen={dialog?.name === 'delete'}
        title={texts.deleteTitle(dialog?.connection.settings.name ?? '')}
        confirmLabel={texts.delete}
        isBusy={isDeleting}
        returnFocus={opener}
        onConfirm={() => dialog && void onDelete(dialog.connection)}
        onCancel={close}
      >
        {texts.deleteText(dialog?.connection.settings.name ?? '')}
      </ConfirmDialog>
    </>
  );
}
