import { useCallback, useState } from 'react';
import type { AlertView, OutgoingView } from '../../../src/resolvers/contract';
import { call, PageError } from '../../shared/call';
import { ErrorNotice } from '../../shared/error-notice';
import { Loading, PageHeader } from '../../shared/layout';
import { useQuery } from '../../shared/use-query';
import { AlertForm } from './alert-form';
import { formTexts as texts } from './texts';

interface Loaded {
  /** Null to add one. */
  alert: AlertView | null;
  outgoing: readonly OutgoingView[];
}

/** Adds an alert rule (`id` is null) or edits one. */
export function AlertFormScreen({ id }: { id: string | null }) {
  const [generation, setGeneration] = useState(0);
  const load = useCallback(async (): Promise<Loaded> => {
    const [{ alerts }, outgoing] = await Promise.all([call('alerts.list', {}), call('outgoing.list', {})]);
    const alert = alerts.find((one) => one.id === id) ?? null;
    if (id !== null && alert === null) throw new PageError({ code: 'alert-gone', message: texts.gone });
    return { alert, outgoing };
  }, [id]);
  const { value, error, reload } = useQuery(load);

  const startAnew = async () => {
    await reload();
    setGeneration((before) => before + 1);
  };
  return (
    <>
      <PageHeader title={id === null ? texts.addTitle : texts.editTitle} />
      {error && (
        <ErrorNotice title={texts.loadFailed} error={error} retry={{ label: texts.retry, run: () => void reload() }} />
      )}
      {!error && value === null && <Loading label={texts.loading} />}
      {!error && value !== null && <AlertForm key={generation} {...value} onReload={() => void startAnew()} />}
    </>
  );
}
