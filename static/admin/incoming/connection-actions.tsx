import { ModalTransition } from '@atlaskit/modal-dialog';
import { lazy, type ReactNode, Suspense, useRef, useState } from 'react';
import type { ConnectionView } from '../../../src/resolvers/views';
import { attempt } from '../../shared/attempt';
import { call } from '../../shared/call';
import { ConfirmDialog } from '../../shared/confirm-dialog';
import { flag } from '../../shared/flags';
import { useRouter } from '../../shared/router';
import { TestDialog } from '../account/test-dialog';
import { paths } from '../paths';
import { actionTexts, type ConnectionAction, listTexts as texts } from './texts';
import type { Connections } from './use-connections';

/** Loaded when it is asked for: the list must be there quickly. */
const EnableDialog = lazy(async () => ({ default: (await import('./enable-dialog')).EnableDialog }));

/** `button` was pressed, or opened the menu: a dialog gives the focus back to it. */
export type OnConnectionAction = (
  action: ConnectionAction,
  connection: ConnectionView,
  button: HTMLElement | null,
) => void;

interface Actions {
  onAction: OnConnectionAction;
  /** To be rendered beside what the actions are offered in. */
  dialogs: ReactNode;
}

/** What can be done with a connection, in its row and on its page. */
export function useConnectionActions(connections: Connections, onDeleted: () => void = () => undefined): Actions {
  const { navigate } = useRouter();
  const [dialog, setDialog] = useState<{ name: ConnectionAction; connection: ConnectionView } | null>(null);
  const opener = useRef<HTMLElement | null>(null);
  const close = () => setDialog(null);
  const edit = ({ id }: ConnectionView) => navigate(paths.editConnection(id));

  const works = {
    disable: async ({ id, version, settings }: ConnectionView) => {
      await call('connections.disable', { id, version });
      flag('success', texts.disabled(settings.name));
    },
    duplicate: async ({ id }: ConnectionView) => {
      const copy = await call('connections.duplicate', { id });
      const needsAccess = 'credentialId' in copy.settings;
      flag('success', texts.duplicated(copy.settings.name), needsAccess ? texts.duplicatedHint : '');
      edit(copy);
    },
    delete: async ({ id, version, settings }: ConnectionView) => {
      await call('connections.delete', { id, version });
      flag('success', texts.deleted(settings.name));
      onDeleted();
    },
  };
  const run = async (action: keyof typeof works, connection: ConnectionView) => {
    await attempt(texts.actionFailed(actionTexts[action], connection.settings.name), () => works[action](connection));
    await connections.reload();
  };
  const test = ({ id, settings }: ConnectionView) => call('connections.test', { id, settings });
  const remove = async (connection: ConnectionView) => {
    await run('delete', connection);
    close();
  };

  const onAction: OnConnectionAction = (action, connection, button) => {
    opener.current = button;
    if (action === 'edit') edit(connection);
    else if (action === 'activity') navigate(paths.activityOf(connection.id));
    else if (action === 'protocol') navigate(paths.protocolOf(connection.id));
    else if (action === 'pollNow') void connections.pollNow(connection);
    else if (action === 'disable' || action === 'duplicate') void run(action, connection);
    else setDialog({ name: action, connection });
  };

  const name = dialog?.connection.settings.name ?? '';
  const dialogs = (
    <>
      <ModalTransition>
        {dialog?.name === 'test' && (
          <TestDialog name={name} run={() => test(dialog.connection)} returnFocus={opener} onClose={close} />
        )}
        {dialog?.name === 'enable' && (
          <Suspense fallback={null}>
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
          </Suspense>
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
  return { onAction, dialogs };
}
