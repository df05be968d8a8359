import { useCallback, useState } from 'react';
import { call } from '../../shared/call';
import { ErrorNotice } from '../../shared/error-notice';
import { Loading, PageHeader } from '../../shared/layout';
import { useQuery } from '../../shared/use-query';
import { formTexts as sharedTexts } from '../connections/form-texts';
import { formTexts as texts } from './form-texts';
import { OutgoingForm } from './outgoing-form';

/** Adds an outgoing connection (`id` is null) or edits one. */
export function OutgoingFormScreen({ id }: { id: string | null }) {
  return (
    <>
      <PageHeader title={id === null ? texts.addTitle : texts.editTitle} />
      {id === null ? <OutgoingForm connection={null} onReload={() => {}} /> : <EditForm id={id} />}
    </>
  );
}

function EditForm({ id }: { id: string }) {
  const [generation, setGeneration] = useState(0);
  const load = useCallback(() => call('outgoing.get', { id }), [id]);
  const { value: connection, error, loading, reload } = useQuery(load);

  const startAnew = async () => {
    await reload();
    setGeneration((before) => before + 1);
  };
  if (error) {
    const retry = { label: sharedTexts.retry, run: () => void reload() };
    return <ErrorNotice title={sharedTexts.loadFailed} error={error} retry={retry} />;
  }
  if (connection === null || (loading && generation === 0)) return <Loading label={sharedTexts.loading} />;
  return <OutgoingForm key={generation} connection={connection} onReload={() => void startAnew()} />;
}
