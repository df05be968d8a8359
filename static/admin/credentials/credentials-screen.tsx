import Button from '@atlaskit/button/new';
import EmptyState from '@atlaskit/empty-state';
import { useRef, useState } from 'react';
import type { CredentialView } from '../../../src/resolvers/views';
import { call, toPageError } from '../../shared/call';
import { ConfirmDialog } from '../../shared/confirm-dialog';
import { ErrorNotice } from '../../shared/error-notice';
import { flag } from '../../shared/flags';
import { Loading, PageHeader } from '../../shared/layout';
import { useRouter } from '../../shared/router';
import { useQuery } from '../../shared/use-query';
import { paths } from '../paths';
import { CredentialsTable } from './credentials-table';
import { listTexts as texts } from './texts';

const list = () => call('credentials.list', {});

/** The applications that Letterbox is registered as at Google and Microsoft. */
export function CredentialsScreen() {
  const { navigate } = useRouter();
  const { value, error, reload } = useQuery(list);
  const [toDelete, setToDelete] = useState<CredentialView | null>(null);
  const [isDeleting, setDeleting] = useState(false);
  const opener = useRef<HTMLElement | null>(null);

  const remove = async ({ id, settings }: CredentialView) => {
    setDeleting(true);
    try {
      await call('credentials.delete', { id });
      flag('success', texts.deleted(settings.name));
    } catch (thrown) {
      flag('error', texts.deleteFailed(settings.name), toPageError(thrown).message);
    }
    setDeleting(false);
    setToDelete(null);
    await reload();
  };

  const credentials = value?.credentials ?? null;
  const add = (
    <Button appearance="primary" onClick={() => navigate(paths.newCredential)}>
      {texts.add}
    </Button>
  );
  const name = toDelete?.settings.name ?? '';
  return (
    <>
      <PageHeader title={texts.title} actions={credentials !== null && credentials.length > 0 && add} />
      {error && (
        <ErrorNotice title={texts.loadFailed} error={error} retry={{ label: texts.retry, run: () => void reload() }} />
      )}
      {credentials === null && !error && <Loading label={texts.loading} />}
      {credentials?.length === 0 && (
        <EmptyState header={texts.emptyTitle} headingLevel={2} description={texts.empty} primaryAction={add} />
      )}
      {credentials !== null && credentials.length > 0 && (
        <CredentialsTable
          credentials={credentials}
          onEdit={({ id }) => navigate(paths.credential(id))}
          onDelete={(credential, button) => {
            opener.current = button;
            setToDelete(credential);
          }}
        />
      )}
      <ConfirmDialog
        isOpen={toDelete !== null}
        title={texts.deleteTitle(name)}
        confirmLabel={texts.delete}
        isBusy={isDeleting}
        returnFocus={opener}
        onConfirm={() => toDelete !== null && void remove(toDelete)}
        onCancel={() => setToDelete(null)}
      >
        {texts.deleteText(name)}
      </ConfirmDialog>
    </>
  );
}
