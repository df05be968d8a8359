import Button from '@atlaskit/button/new';
import EmptyState from '@atlaskit/empty-state';
import { ModalTransition } from '@atlaskit/modal-dialog';
import { useRef, useState } from 'react';
import type { OutgoingView } from '../../../src/resolvers/views';
import { call, toPageError } from '../../shared/call';
import { ConfirmDialog } from '../../shared/confirm-dialog';
import { ErrorNotice } from '../../shared/error-notice';
import { flag } from '../../shared/flags';
import { Loading, PageHeader } from '../../shared/layout';
import { useRouter } from '../../shared/router';
import { useQuery } from '../../shared/use-query';
import { TestDialog } from '../connections/test-dialog';
import { paths } from '../paths';
import { stepsOf } from './form-values';
import { OutgoingTable } from './outgoing-table';
import { SendTestDialog } from './send-test-dialog';
import { actionTexts, type RowAction, listTexts as texts } from './texts';

const list = () => call('outgoing.list', {});
/** Milliseconds between two looks at the list: Debug ends by itself. */
const refreshMs = 15_000;

type DialogName = 'delete' | 'test' | 'sendTest';

export function OutgoingScreen() {
  const { navigate } = useRouter();
  const { value, error, reload } = useQuery(list, refreshMs);
  const [dialog, setDialog] = useState<{ name: DialogName; connection: OutgoingView } | null>(null);
  const [isDeleting, setDeleting] = useState(false);
  const opener = useRef<HTMLElement | null>(null);
  const close = () => setDialog(null);
  const edit = ({ id }: OutgoingView) => navigate(paths.outgoing(id));

  /** Runs an action of a row; what goes wrong is told in a flag, since the row may be far from any other place. */
  const run = async (action: RowAction, { settings }: OutgoingView, work: () => Promise<void>) => {
    try {
      await work();
    } catch (thrown) {
      flag('error', texts.actionFailed(actionTexts[action], settings.name), toPageError(thrown).message);
    }
    await reload();
  };

  const works: Partial<Record<RowAction, (connection: OutgoingView) => Promise<void>>> = {
    enable: async ({ id, version, settings }) => {
      await call('outgoing.enable', { id, version });
      flag('success', texts.enabled(settings.name));
    },
    disable: async ({ id, version, settings }) => {
      await call('outgoing.disable', { id, version });
      flag('success', texts.disabled(settings.name));
    },
    debug: async ({ id, version, settings }) => {
      await call('outgoing.debug', { id, version, on: true });
      flag('success', texts.debugOn(settings.name), texts.debugOnHint);
    },
    stopDebug: async ({ id, version, settings }) => {
      await call('outgoing.debug', { id, version, on: false });
      flag('success', texts.debugOff(settings.name));
    },
    duplicate: async ({ id }) => {
      const copy = await call('outgoing.duplicate', { id });
      flag(
        'success',
        texts.duplicated(copy.settings.name),
        'credentialId' in copy.settings ? texts.duplicatedHint : '',
      );
      edit(copy);
    },
    delete: async ({ id, version, settings }) => {
      await call('outgoing.delete', { id, version });
      flag('success', texts.deleted(settings.name));
    },
  };

  const onAction = (action: RowAction, connection: OutgoingView, button: HTMLElement | null) => {
    opener.current = button;
    const work = works[action];
    if (action === 'edit') edit(connection);
    else if (action === 'delete' || action === 'test' || action === 'sendTest') setDialog({ name: action, connection });
    else if (work) void run(action, connection, () => work(connection));
  };
  const onDelete = async (connection: OutgoingView) => {
    setDeleting(true);
    await run('delete', connection, async () => works.delete?.(connection));
    setDeleting(false);
    close();
  };

  const add = (
    <Button appearance="primary" onClick={() => navigate(paths.newOutgoing)}>
      {texts.add}
    </Button>
  );
  return (
    <>
      <PageHeader title={texts.title} actions={value !== null && value.length > 0 && add} />
      {error && (
        <ErrorNotice title={texts.loadFailed} error={error} retry={{ label: texts.retry, run: () => void reload() }} />
      )}
      {value === null && !error && <Loading label={texts.loading} />}
      {value?.length === 0 && (
        <EmptyState header={texts.emptyTitle} headingLevel={2} description={texts.empty} primaryAction={add} />
      )}
      {value !== null && value.length > 0 && <OutgoingTable connections={value} onAction={onAction} />}
      <ModalTransition>
        {dialog?.name === 'test' && (
          <TestDialog
            name={dialog.connection.settings.name}
            run={() => testOf(dialog.connection)}
            steps={stepsOf(dialog.connection.settings.provider)}
            returnFocus={opener}
            onClose={close}
          />
        )}
        {dialog?.name === 'sendTest' && (
          <SendTestDialog connection={dialog.connection} returnFocus={opener} onClose={close} />
        )}
      </ModalTransition>
      <ConfirmDialog
        isOpen={dialog?.name === 'delete'}
        title={texts.deleteTitle(dialog?.connection.settings.name ?? '')}
        confirmLabel={actionTexts.delete}
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

const testOf = ({ id, settings }: OutgoingView) => call('outgoing.test', { id, settings });
