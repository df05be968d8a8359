import assert from 'node:assert/strict';
import type { Payload } from '../../src/resolvers/contract';
import { signIn } from '../emulator/identity/sign-in';
import type { demoApplications } from '../emulator/local/providers';
import type { Product } from './product';

/** Registers a demo application as a credential; its id. */
export async function registered(product: Product, application: (typeof demoApplications)[0 | 1]): Promise<string> {
  const { provider, name, clientId, clientSecret, tenant } = application;
  const settings = provider === 'google' ? { provider, name, clientId } : { provider, name, clientId, tenant };
  const { id } = await product.call('credentials.create', { settings, clientSecret });
  return id;
}

/** Signs a demo account in, as an administrator would in the tab that opens. */
export async function authorized(
  product: Product,
  credentialId: string,
  use: Payload<'authorizations.begin'>['use'],
  address: string,
): Promise<{ authorizationId: string }> {
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
  return { authorizationId };
}
