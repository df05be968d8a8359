import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FunctionName, Payload, Values } from '../../../src/resolvers/contract';
import { signIn } from '../identity/sign-in';
import { type LocalHost, startLocalHost } from './local-host';
import { demoApplications } from './providers';
import { sendSamples } from './sample-mail';

async function call<K extends FunctionName>(host: LocalHost, functionKey: K, payload: Payload<K>): Promise<Values[K]> {
  const result = await host.forge.invoke({ module: 'letterbox-admin', functionKey, payload, accountId: 'admin' });
  assert.ok(result.ok, JSON.stringify(result));
  return result.value as never;
}

/** Sends one mail and polls; the number of issues then. */
async function take(host: LocalHost, id: string, to: string): Promise<number> {
  await sendSamples('plain', to, { port: host.mail.ports.smtp, ca: host.mail.ca });
  await call(host, 'connections.poll', { id });
  await host.forge.drain();
  return host.jira.state.all().length;
}

for (const [provider, use, name, address] of [
  ['google', 'gmail', 'Demo Google', 'support@gmail.example'],
  ['microsoft-graph', 'graph', 'Demo Microsoft (delegated)', 'support@contoso.example'],
] as const) {
  test(`${provider}: what was authorized before a restart still makes one issue of each mail`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'letterbox-providers-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    const start = () => startLocalHost({ directory, start: false, searchLagMs: 0, gateway: 'http://127.0.0.1:9' });
    const application = demoApplications.find((one) => one.name === name);
    assert.ok(application);
    const { clientId, clientSecret, tenant } = application;

    const first = await start();
    const { id: credentialId } = await call(first, 'credentials.create', {
      settings:
        application.provider === 'google'
          ? { provider: 'google', name, clientId }
          : { provider: 'microsoft', name, clientId, tenant },
      clientSecret,
    });
    const { authorizationId, url } = await call(first, 'authorizations.begin', {
      credentialId,
      connectionId: null,
      use,
      shared: false,
      loginHint: '',
    });
    await fetch(await signIn(first.providers.identity, url, { address }));
    const target = { projectId: '10000', issueTypeId: '10001' };
    const { id, version } = await call(first, 'connections.create', {
      settings: { provider, name, credentialId, username: address, target },
      authorizationId,
    });
    await call(first, 'connections.enable', { id, version, start: { from: 'now' } });
    await first.forge.drain();
    assert.equal(await take(first, id, address), 1);
    assert.equal(await take(first, id, address), 2);
    await first.close();

    const second = await start();
    t.after(second.close);
    assert.equal(await take(second, id, address), 3);
    assert.equal(await take(second, id, address), 4);
    assert.equal((await call(second, 'connections.get', { id })).status, 'polling');
  });
}
