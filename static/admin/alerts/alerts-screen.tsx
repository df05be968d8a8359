import Button from '@atlaskit/button/new';
import EmptyState from '@atlaskit/empty-state';
import { useRef, useState } from 'react';
import { noSecret } from '../../../src/domain/alert';
import type { AlertView } from '../../../src/resolvers/views';
import { call, toPageError } from '../../shared/call';
import { ConfirmDialog } from '../../shared/confirm-dialog';
import { ErrorNotice } from '../../shared/error-notice';
import { flag } from '../../shared/flags';
import { Loading, PageHeader } from '../../shared/layout';
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
  const { value, error, reload } = useQuery(list, refreshMs);
  const [toDelete, setToDelete] = useState<AlertView | null>(null);
  const [isDeleting, setDeleting] = useState(false);
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
      await forgetUnusedHosts((await list()).alerts);
    },
  };
  /** What goes wrong is told in a flag, since the row may be far from any other place. */
  const run = async (action: Exclude<RowAction, 'edit'>, alert: AlertView) => {
    try {
      await works[action](alert);
    } catch (thrown) {
      const { message, detail } = toPageError(thrown);
      const words = detail === null ? message : `${message} (“${detail}”)`;
      flag('error', texts.actionFailed(actionTexts[action], alert.settings.name), words);
    }
    await reload();
  };
  const onAction = (action: RowAction, alert: AlertView, button: HTMLElement | null) => {
    opener.current = button;
    if (action === 'edit') navigate(paths.alert(alert.id));
    else if (action === 'delete') setToDelete(alert);
    else void run(action, alert);
  };
  const remove = async (alert: AlertView) => {
    setDeleting(true);
    await run('delete', alert);
    setDeleting(false);
    setToDelete(null);
  };

  const alerts = value?.alerts ?? null;
  const add = (
    <Button appearance="primary" onClick={() => navigate(paths.newAlert)}>
      {texts.add}
    </Button>
  );
  return (
    <>
      <PageHeader title={texts.title} actions={alerts !== null && alerts.length > 0 && add} />
      {error && (
        <ErrorNotice title={texts.loadFailed} error={error} retry={{ label: texts.retry, run: () => void reload() }} />
      )}
      {value === null && !error && <Loading label={texts.loading} />}
      {value !== null && <OpenIncidents incidents={value.incidents} />}
      {alerts?.length === 0 && (
        <EmptyState header={texts.emptyTitle} headingLevel={2} description={texts.empty} primaryAction={add} />
      )}
      {alerts !== null && alerts.length > 0 && <AlertsTable alerts={alerts} onAction={onAction} />}
      <ConfirmDialog
        isOpen={toDelete !== null}
        title={texts.deleteTitle(toDelete?.settings.name ?? '')}
        confirmLabel={actionTexts.delete}
        isBusy={isDeleting}
        returnFocus={opener}
        onConfirm={() => toDelete !== null && void remove(toDelete)}
        onCancel={() => setToDelete(null)}
      >
        {texts.deleteText(toDelete?.settings.name ?? '', toDelete?.settings.channel.type ?? 'email')}
      </ConfirmDialog>
    </>
  );
}
