import assert from 'node:assert/strict';
import type { Payload } from '../../src/resolvers/contract';
import { signIn } from '../emulator/identity/sign-in';
import type { demoApplications } from '../emulator/local/providers';
import type { Product } from './product';

/** Registers a demo application as a credential, and signs a demo account in with it, as an administrator would. */
export async function authorized(
  product: Product,
  application: (typeof demoApplications)[0 | 1],
  use: Payload<'authorizations.begin'>['use'],
  address: string,
): Promise<{ credentialId: string; authorizationId: string }> {
  const { provider, clientId, clientSecret, tenant } = application;
  const settings =
    provider === 'google' ? { provider, name: 'Google', clientId } : { provider, name: 'Microsoft', clientId, tenant };
  const { id: credentialId } = await product.call('credentials.create', { settings, clientSecret });
  const { authorizationId, url } = await product.call('authorizations.begin', {
    credentialId,
    connectionId: null,
    use,
    shared: false,
    loginHint: '',
  });
  await fetch(await signIn(product.providers.identity, url, { address }));
  const outcome = await product.call('authorizations.outcome', { authorizationId });
  assert.deepEqual(outcome, { state: 'connected', mailbox: address });
  return { credentialId, authorizationId };
}
