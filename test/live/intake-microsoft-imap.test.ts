import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { after, before, test } from 'node:test';
import { signIn } from '../emulator/identity/sign-in';
import { demoApplications } from '../emulator/local/providers';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { type Product, startProduct } from '../support/product';
import { mail } from '../support/world';

/** Microsoft 365 over IMAP: Dovecot in Exchange's place takes the access tokens that the sign-in gave (XOAUTH2). */
const address = 'support@contoso.example';
// Dovecot goes by the part before the @.
const mailbox = 'support';
const [, delegated] = demoApplications;
let dovecot: Dovecot;
let product: Product;
let introspection: Server;

before(async () => {
  // Dovecot has to know where tokens are checked before there is anything that gave one.
  introspection = createServer((request, response) => {
    request.toArray().then(async (chunks) => {
      const body = Buffer.concat(chunks).toString();
      const answer = await fetch(product.providers.identity.introspectionUrl, { method: 'POST', body });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    });
  });
  await new Promise<void>((resolve) => introspection.listen(0, '127.0.0.1', resolve));
  const place = introspection.address();
  assert.ok(place !== null && typeof place === 'object');
  dovecot = await startDovecot({
    users: { [mailbox]: 'not used' },
    introspectionUrl: `http://127.0.0.1:${place.port}/`,
    certificate: (authority) => authority.issue('exchange', { names: ['outlook.office365.com'] }),
  });
  product = await startProduct({
    searchLagMs: 0,
    standIns: { ca: dovecot.ca, ports: { 'outlook.office365.com:993': dovecot.ports.imaps } },
  });
});
after(async () => {
  await product?.close();
  await dovecot?.stop();
  introspection?.close();
});

const text = (subject: string) => new TextDecoder().decode(mail(subject));

test('mail becomes issues with the access that was authorized, and waits once that was taken back', async () => {
  const { identity } = product.providers;
  const { clientId, clientSecret, tenant } = delegated;
  const { id: credentialId } = await product.call('credentials.create', {
    settings: { provider: 'microsoft', name: 'Microsoft', clientId, tenant },
    clientSecret,
  });
  const { authorizationId, url } = await product.call('authorizations.begin', {
    credentialId,
    connectionId: null,
    use: 'imap',
    shared: false,
    loginHint: '',
  });
  await fetch(await signIn(identity, url, { address }));
  const outcome = await product.call('authorizations.outcome', { authorizationId });
  assert.deepEqual(outcome, { state: 'connected', mailbox: address });

  await dovecot.append(mailbox, [text('exchange 1'), text('exchange 2')]);
  const settings = {
    provider: 'microsoft-imap' as const,
    name: 'Exchange',
    credentialId,
    username: address,
    target: { projectId: '10000', issueTypeId: '10001' },
  };
  const report = await product.call('connections.test', { settings, authorizationId });
  assert.equal(report.ok, true, JSON.stringify(report));
  assert.equal(report.messages?.total, 2);
  const { id, version } = await product.call('connections.create', { settings, authorizationId });
  await product.call('connections.enable', { id, version, start: { from: 'everything' } });
  await product.forge.drain();
  assert.deepEqual(product.summaries(), ['exchange 1', 'exchange 2']);

  identity.expireAccessTokens(address);
  await dovecot.append(mailbox, [text('exchange 3')]);
  await product.poll(id);
  await product.forge.advance(60 * 60);
  await product.forge.drain();
  assert.deepEqual(product.summaries(), ['exchange 1', 'exchange 2', 'exchange 3']);

  identity.revoke(address);
  await dovecot.append(mailbox, [text('exchange 4')]);
  await product.poll(id);
  const view = await product.call('connections.get', { id });
  assert.equal(view.state, 'suspended');
  assert.equal(product.summaries().length, 3);
});
