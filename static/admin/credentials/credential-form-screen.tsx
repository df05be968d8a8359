import { useCallback } from 'react';
import type { CredentialView } from '../../../src/resolvers/views';
import { call, PageError } from '../../shared/call';
import { PageHeader } from '../../shared/layout';
import { LoadedForm } from '../../shared/loaded-form';
import { CredentialForm } from './credential-form';
import { formTexts as texts } from './texts';

interface Loaded {
  /** Null to add one. */
  credential: CredentialView | null;
  callbackUrl: string;
}

/** Adds a credential (`id` is null) or edits one. */
export function CredentialFormScreen({ id }: { id: string | null }) {
  const load = useCallback(async (): Promise<Loaded> => {
    const { credentials, callbackUrl } = await call('credentials.list', {});
    const credential = credentials.find((one) => one.id === id) ?? null;
    if (id !== null && credential === null) throw new PageError({ code: 'credential-gone', message: texts.gone });
    return { credential, callbackUrl };
  }, [id]);
  return (
    <>
      <PageHeader title={id === null ? texts.addTitle : texts.editTitle} />
      <LoadedForm load={load} texts={texts}>
        {(loaded, onReload) => <CredentialForm {...loaded} onReload={onReload} />}
      </LoadedForm>
    </>
  );
}
