import { ModalTransition } from '@atlaskit/modal-dialog';
import { useRef, useState } from 'react';
import type { OutgoingView } from '../../../src/resolvers/views';
import { attempt } from '../../shared/attempt';
import { call } from '../../shared/call';
import { ConfirmDialog } from '../../shared/confirm-dialog';
import { flag } from '../../shared/flags';
import { ListScreen } from '../../shared/list-screen';
import { useRouter } from '../../shared/router';
import { useQuery } from '../../shared/use-query';
import { TestDialog } from '../account/test-dialog';
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
  const query = useQuery(list, refreshMs);
  const [dialog, setDialog] = useState<{ name: DialogName; connection: OutgoingView } | null>(null);
  const opener = useRef<HTMLElement | null>(null);
  const close = () => setDialog(null);
  const edit = ({ id }: OutgoingView) => navigate(paths.outgoing(id));

  const works: Record<Exclude<RowAction, 'edit' | 'test' | 'sendTest'>, (connection: OutgoingView) => Promise<void>> = {
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

  const run = async (action: keyof typeof works, connection: OutgoingView) => {
    await attempt(texts.actionFailed(actionTexts[action], connection.settings.name), () => works[action](connection));
    await query.reload();
  };
  const onAction = (action: RowAction, connection: OutgoingView, button: HTMLElement | null) => {
    opener.current = button;
    if (action === 'edit') edit(connection);
    else if (action === 'delete' || action === 'test' || action === 'sendTest') setDialog({ name: action, connection });
    else void run(action, connection);
  };
  const remove = async (connection: OutgoingView) => {
    await run('delete', connection);
    close();
  };

  const name = dialog?.connection.settings.name ?? '';
  return (
    <>
      <ListScreen query={query} items={query.value} texts={texts} addPath={paths.newOutgoing}>
        {(connections) => <OutgoingTable connections={connections} onAction={onAction} />}
      </ListScreen>
      <ModalTransition>
        {dialog?.name === 'test' && (
          <TestDialog
            name={name}
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
        title={texts.deleteTitle(name)}
        confirmLabel={actionTexts.delete}
        returnFocus={opener}
        onConfirm={() => dialog && remove(dialog.connection)}
        onCancel={close}
      >
        {texts.deleteText(name)}
      </ConfirmDialog>
    </>
  );
}

const testOf = ({ id, settings }: OutgoingView) => call('outgoing.test', { id, settings });
