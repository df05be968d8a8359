import { useEffect, useRef, useState } from 'react';
import { noSecret } from '../../../src/domain/alert';
import type { AlertView } from '../../../src/resolvers/views';
import { attempt } from '../../shared/attempt';
import { call } from '../../shared/call';
import { ConfirmDialog } from '../../shared/confirm-dialog';
import { flag } from '../../shared/flags';
import { ListScreen } from '../../shared/list-screen';
import { useRouter } from '../../shared/router';
import { useQuery } from '../../shared/use-query';
import { paths } from '../paths';
import { AlertsTable } from './alerts-table';
import { allowHost, forgetUnusedHosts } from './consent';
import { OpenIncidents } from './open-incidents';
import { actionTexts, type RowAction, testTexts, listTexts as texts } from './texts';

const list = () => call('alerts.list', {});
/** Milliseconds between two looks at what is wrong. */
const refreshMs = 30_000;

/** Who is told when something goes wrong, and what is wrong now. */
export function AlertsScreen() {
  const { navigate } = useRouter();
  const query = useQuery(list, refreshMs);
  // A form whose page was closed could not do it.
  useEffect(() => void forgetUnusedHosts(), []);
  const [toDelete, setToDelete] = useState<AlertView | null>(null);
  const opener = useRef<HTMLElement | null>(null);

  const works: Record<Exclude<RowAction, 'edit'>, (alert: AlertView) => Promise<void>> = {
    sendTest: async ({ id, settings, host }) => {
      await allowHost(host || null);
      const { reply } = await call('alerts.sendTest', { id, settings, secret: noSecret });
      flag('success', testTexts.sent, testTexts.rowSent(settings.name, reply));
    },
    enable: async ({ id, version, settings }) => {
      await call('alerts.enable', { id, version });
      flag('success', texts.isEnabled(settings.name));
    },
    disable: async ({ id, version, settings }) => {
      await call('alerts.disable', { id, version });
      flag('success', texts.isDisabled(settings.name));
    },
    delete: async ({ id, version, settings }) => {
      await call('alerts.delete', { id, version });
      flag('success', texts.deleted(settings.name));
      await forgetUnusedHosts();
    },
  };
  const run = async (action: Exclude<RowAction, 'edit'>, alert: AlertView) => {
    await attempt(texts.actionFailed(actionTexts[action], alert.settings.name), () => works[action](alert));
    await query.reload();
  };
  const onAction = (action: RowAction, alert: AlertView, button: HTMLElement | null) => {
    opener.current = button;
    if (action === 'edit') navigate(paths.alert(alert.id));
    else if (action === 'delete') setToDelete(alert);
    else void run(action, alert);
  };
  const remove = async (alert: AlertView) => {
    await run('delete', alert);
    setToDelete(null);
  };

  return (
    <>
      <ListScreen
        query={query}
        items={query.value?.alerts ?? null}
        texts={texts}
        addPath={paths.newAlert}
        intro={query.value && <OpenIncidents incidents={query.value.incidents} />}
      >
        {(alerts) => <AlertsTable alerts={alerts} onAction={onAction} />}
      </ListScreen>
      <ConfirmDialog
        isOpen={toDelete !== null}
        title={texts.deleteTitle(toDelete?.settings.name ?? '')}
        confirmLabel={actionTexts.delete}
        returnFocus={opener}
        onConfirm={() => toDelete && remove(toDelete)}
        onCancel={() => setToDelete(null)}
      >
        {texts.deleteText(toDelete?.settings.name ?? '', toDelete?.settings.channel.type ?? 'email')}
      </ConfirmDialog>
    </>
  );
}
