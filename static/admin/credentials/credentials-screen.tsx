import { useRef, useState } from 'react';
import type { CredentialView } from '../../../src/resolvers/views';
import { attempt } from '../../shared/attempt';
import { call } from '../../shared/call';
import { ConfirmDialog } from '../../shared/confirm-dialog';
import { flag } from '../../shared/flags';
import { ListScreen } from '../../shared/list-screen';
import { useRouter } from '../../shared/router';
import { useQuery } from '../../shared/use-query';
import { CallbackNotice } from '../account/callback-notice';
import { callbackTexts } from '../account/texts';
import { paths } from '../paths';
import { CredentialsTable } from './credentials-table';
import { listTexts as texts } from './texts';

const list = () => call('credentials.list', {});

/** The applications that Letterbox is registered as at Google and Microsoft. */
export function CredentialsScreen() {
  const { navigate } = useRouter();
  const query = useQuery(list);
  const [toDelete, setToDelete] = useState<CredentialView | null>(null);
  const opener = useRef<HTMLElement | null>(null);

  const remove = async ({ id, settings }: CredentialView) => {
    await attempt(texts.deleteFailed(settings.name), async () => {
      await call('credentials.delete', { id });
      flag('success', texts.deleted(settings.name));
    });
    setToDelete(null);
    await query.reload();
  };

  const name = toDelete?.settings.name ?? '';
  const unregistered = query.value?.credentials.filter(({ formerCallbackUrl }) => formerCallbackUrl !== null) ?? [];
  const notice = query.value !== null && unregistered.length > 0 && (
    <CallbackNotice credentials={unregistered} callbackUrl={query.value.callbackUrl}>
      {callbackTexts.thenSaveEach(unregistered.map(({ settings }) => settings.name).join(', '))}
    </CallbackNotice>
  );
  return (
    <>
      <ListScreen
        query={query}
        items={query.value?.credentials ?? null}
        texts={texts}
        addPath={paths.newCredential}
        intro={notice}
      >
        {(credentials) => (
          <CredentialsTable
            credentials={credentials}
            onEdit={({ id }) => navigate(paths.credential(id))}
            onDelete={(credential, button) => {
              opener.current = button;
              setToDelete(credential);
            }}
          />
        )}
      </ListScreen>
      <ConfirmDialog
        isOpen={toDelete !== null}
        title={texts.deleteTitle(name)}
        confirmLabel={texts.delete}
        returnFocus={opener}
        onConfirm={() => toDelete && remove(toDelete)}
        onCancel={() => setToDelete(null)}
      >
        {texts.deleteText(name)}
      </ConfirmDialog>
    </>
  );
}
