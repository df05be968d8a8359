import { useCallback, useState } from 'react';
import type { CredentialView } from '../../../src/resolvers/contract';
import { call, PageError } from '../../shared/call';
import { ErrorNotice } from '../../shared/error-notice';
import { Loading, PageHeader } from '../../shared/layout';
import { useQuery } from '../../shared/use-query';
import { CredentialForm } from './credential-form';
import { formTexts as texts } from './texts';

interface Loaded {
  /** Null to add one. */
  credential: CredentialView | null;
  callbackUrl: string;
}

/** Adds a credential (`id` is null) or edits one. */
export function CredentialFormScreen({ id }: { id: string | null }) {
  const [generation, setGeneration] = useState(0);
  const load = useCallback(async (): Promise<Loaded> => {
    const { credentials, callbackUrl } = await call('credentials.list', {});
    const credential = credentials.find((one) => one.id === id) ?? null;
    if (id !== null && credential === null) throw new PageError({ code: 'credential-gone', message: texts.gone });
    return { credential, callbackUrl };
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
      {!error && value !== null && <CredentialForm key={generation} {...value} onReload={() => void startAnew()} />}
    </>
  );
}
