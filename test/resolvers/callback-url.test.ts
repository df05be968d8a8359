import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Payload, Values } from '../../src/resolvers/contract';
import { demoApplications } from '../emulator/local/providers';
import { authorized, registered } from '../support/authorized';
import { type Product, startProduct } from '../support/product';

/** A reinstallation gives the app another callback URL than the one that is registered at Google and Microsoft. */

let product: Product;
before(async () => {
  product = await startProduct({ gateway: 'http://127.0.0.1:9' });
});
after(() => product?.close());

const [google, microsoft, application] = demoApplications;
const list = () => product.call('credentials.list', {});
async function view(id: string): Promise<Values['credentials.list']['credentials'][number]> {
  const found = (await list()).credentials.find((one) => one.id === id);
  assert.ok(found);
  return found;
}
const signIn = (credentialId: string) => authorized(product, credentialId, 'gmail', 'maria@gmail.example');
async function reinstall(): Promise<void> {
  await product.forge.uninstall();
  await product.forge.reinstall();
}

test('says that the callback URL has changed, until somebody comes back over the new one', async () => {
  const id = await registered(product, google);
  const { callbackUrl: former } = await list();
  assert.equal((await view(id)).formerCallbackUrl, null);
  await signIn(id);

  await reinstall();
  const { version, callbackUrl, formerCallbackUrl } = await view(id);
  assert.notEqual(callbackUrl, former);
  assert.equal(formerCallbackUrl, former);
  await assert.rejects(signIn(id), /answered 400/, 'Google refuses the new one');
  assert.equal((await view(id)).formerCallbackUrl, former);

  await product.registerCallback();
  await signIn(id);
  assert.deepEqual([(await view(id)).formerCallbackUrl, (await view(id)).version], [null, version]);
  const { settings } = await view(id);
  await product.call('credentials.update', { id, version, settings, clientSecret: '' });
});

test('is taken to be registered once the credential is saved', async () => {
  const id = await registered(product, microsoft);
  await reinstall();
  const { version, settings, formerCallbackUrl } = await view(id);
  assert.notEqual(formerCallbackUrl, null);
  const saved = await product.call('credentials.update', { id, version, settings, clientSecret: '' });
  assert.equal(saved.formerCallbackUrl, null);
  assert.equal((await view(id)).formerCallbackUrl, null);
});

test('says nothing where nobody signs in', async () => {
  const { name, clientId, clientSecret, tenant } = application;
  const settings = { provider: 'microsoft', grant: 'client-credentials', name, clientId, tenant } as const;
  const payload: Payload<'credentials.create'> = { settings, clientSecret };
  const { id } = await product.call('credentials.create', payload);
  await reinstall();
  assert.equal((await view(id)).formerCallbackUrl, null);
});
