import { useCallback } from 'react';
import type { CredentialView } from '../../../src/resolvers/views';
import { call } from '../../shared/call';
import { type Query, useQuery } from '../../shared/use-query';

/** Null as long as nobody needs them. */
export type CredentialList = Query<CredentialView[] | null>;

/** The OAuth2 credentials, once a provider is chosen that needs one. */
export function useCredentials(isNeeded: boolean): CredentialList {
  const load = useCallback(
    async () => (isNeeded ? (await call('credentials.list', {})).credentials : null),
    [isNeeded],
  );
  return useQuery(load);
}
