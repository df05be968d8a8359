import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { clouds } from '../../src/domain/credential';
import { knownAlertHosts } from '../../src/domain/webhook-address';
import type { Payload } from '../../src/resolvers/contract';
import { signIn } from '../emulator/identity/sign-in';
import { startLocalHost } from '../emulator/local/local-host';
import { demoApplications } from '../emulator/local/providers';
import { appCalls } from '../support/app-calls';

const [google, , application] = demoApplications;

test('the hosts that the manifest lists are exactly those that the app asks: every provider, every cloud', async (t) => {
  const host = await startLocalHost({ start: false });
  t.after(host.close);
  const { call } = appCalls(() => host.forge);
  const common = { name: 'Mailbox', target: { projectId: '10000', issueTypeId: '10001' } };
  const test = async (draft: Payload<'connections.test'>) => {
    const report = await call('connections.test', draft);
    assert.equal(report.ok, true, JSON.stringify(report));
  };

  for (const cloud of clouds) {
    const { clientId, clientSecret, tenant } = application;
    const { id: credentialId } = await call('credentials.create', {
      settings: { provider: 'microsoft', name: cloud, clientId, tenant, cloud, grant: 'client-credentials' },
      clientSecret,
    });
    const username = 'support@contoso.example';
    await test({ settings: { ...common, provider: 'microsoft-graph', credentialId, username } });
  }

  const { clientId, clientSecret } = google;
  const { id: credentialId } = await call('credentials.create', {
    settings: { provider: 'google', name: 'Google', clientId },
    clientSecret,
  });
  const start = { credentialId, connectionId: null, use: 'gmail', shared: false, loginHint: '' } as const;
  const { authorizationId, url } = await call('authorizations.begin', start);
  const username = 'support@gmail.example';
  await fetch(await signIn(host.providers.identity, url, { address: username }));
  await test({ settings: { ...common, provider: 'google', credentialId, username }, authorizationId });

  const manifest = parse(readFileSync(new URL('../../manifest.yml', import.meta.url), 'utf8'));
  const listed: string[] = manifest.permissions.external.fetch.backend.map((one: { address: string }) => one.address);
  const alertHosts: readonly string[] = knownAlertHosts;
  assert.deepEqual(
    listed.filter((host) => alertHosts.includes(host)),
    alertHosts,
    'hosts of alerts: test/alerts asks each of them',
  );
  const asked = Object.keys(host.forge.usage().egress).filter((target) => target.includes('.'));
  assert.deepEqual(asked.sort(), listed.filter((host) => !alertHosts.includes(host)).sort());
});
