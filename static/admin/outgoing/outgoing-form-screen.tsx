import { useCallback } from 'react';
import { call } from '../../shared/call';
import { PageHeader } from '../../shared/layout';
import { LoadedForm } from '../../shared/loaded-form';
import { connectionTexts } from '../account/texts';
import { formTexts as texts } from './form-texts';
import { OutgoingForm } from './outgoing-form';

/** Adds an outgoing connection (`id` is null) or edits one. */
export function OutgoingFormScreen({ id }: { id: string | null }) {
  return (
    <>
      <PageHeader title={id === null ? texts.addTitle : texts.editTitle} />
      {id === null ? <OutgoingForm connection={null} onReload={() => {}} /> : <StoredConnection id={id} />}
    </>
  );
}

function StoredConnection({ id }: { id: string }) {
  const load = useCallback(() => call('outgoing.get', { id }), [id]);
  return (
    <LoadedForm load={load} texts={connectionTexts}>
      {(connection, onReload) => <OutgoingForm connection={connection} onReload={onReload} />}
    </LoadedForm>
  );
}
