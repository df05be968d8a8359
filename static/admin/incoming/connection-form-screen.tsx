import { useCallback } from 'react';
import { call } from '../../shared/call';
import { PageHeader } from '../../shared/layout';
import { LoadedForm } from '../../shared/loaded-form';
import { connectionTexts } from '../account/texts';
import { ConnectionForm } from './connection-form';
import { formTexts as texts } from './form-texts';

/** Adds a connection (`id` is null) or edits one. */
export function ConnectionFormScreen({ id }: { id: string | null }) {
  return (
    <>
      <PageHeader title={id === null ? texts.addTitle : texts.editTitle} />
      {id === null ? <ConnectionForm connection={null} onReload={() => {}} /> : <StoredConnection id={id} />}
    </>
  );
}

function StoredConnection({ id }: { id: string }) {
  const load = useCallback(() => call('connections.get', { id }), [id]);
  return (
    <LoadedForm load={load} texts={connectionTexts}>
      {(connection, onReload) => <ConnectionForm connection={connection} onReload={onReload} />}
    </LoadedForm>
  );
}
