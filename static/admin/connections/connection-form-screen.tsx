import { useCallback, useState } from 'react';
import { call } from '../../shared/call';
import { ErrorNotice } from '../../shared/error-notice';
import { Loading, PageHeader } from '../../shared/layout';
import { useQuery } from '../../shared/use-query';
import { ConnectionForm } from './connection-form';
import { formTexts as texts } from './form-texts';

/** Adds a connection (`id` is null) or edits one. */
export function ConnectionFormScreen({ id }: { id: string | null }) {
  return (
    <>
      <PageHeader title={id === null ? texts.addTitle : texts.editTitle} />
      {id === null ? <ConnectionForm connection={null} onReload={() => {}} /> : <EditForm id={id} />}
    </>
  );
}

function EditForm({ id }: { id: string }) {
  const [generation, setGeneration] = useState(0);
  const load = useCallback(() => call('connections.get', { id }), [id]);
  const { value: connection, error, loading, reload } = useQuery(load);

  const startAnew = async () => {
    await reload();
    setGeneration((before) => before + 1);
  };
  if (error) {
    return (
      <ErrorNotice title={texts.loadFailed} error={error} retry={{ label: texts.retry, run: () => void reload() }} />
    );
  }
  if (connection === null || (loading && generation === 0)) return <Loading label={texts.loading} />;
  return <ConnectionForm key={generation} connection={connection} onReload={() => void startAnew()} />;
}
