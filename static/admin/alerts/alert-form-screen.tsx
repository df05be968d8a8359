import { useCallback } from 'react';
import type { AlertView, OutgoingView } from '../../../src/resolvers/views';
import { call, PageError } from '../../shared/call';
import { PageHeader } from '../../shared/layout';
import { LoadedForm } from '../../shared/loaded-form';
import { AlertForm } from './alert-form';
import { formTexts as texts } from './texts';

interface Loaded {
  /** Null to add one. */
  alert: AlertView | null;
  outgoing: readonly OutgoingView[];
}

/** Adds an alert rule (`id` is null) or edits one. */
export function AlertFormScreen({ id }: { id: string | null }) {
  const load = useCallback(async (): Promise<Loaded> => {
    const [{ alerts }, outgoing] = await Promise.all([call('alerts.list', {}), call('outgoing.list', {})]);
    const alert = alerts.find((one) => one.id === id) ?? null;
    if (id !== null && alert === null) throw new PageError({ code: 'alert-gone', message: texts.gone });
    return { alert, outgoing };
  }, [id]);
  return (
    <>
      <PageHeader title={id === null ? texts.addTitle : texts.editTitle} />
      <LoadedForm load={load} texts={texts}>
        {(loaded, onReload) => <AlertForm {...loaded} onReload={onReload} />}
      </LoadedForm>
    </>
  );
}
