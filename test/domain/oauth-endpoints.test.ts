import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clouds, credentialSettings } from '../../src/domain/credential';
import { endpointsOf, scopesOf, tokenHosts, tokenUses } from '../../src/domain/oauth-endpoints';

const google = credentialSettings.parse({ name: 'G', provider: 'google', clientId: 'id' });
const microsoft = (change: object = {}) =>
  credentialSettings.parse({ name: 'M', provider: 'microsoft', clientId: 'id', tenant: 'organizations', ...change });

test('derives the endpoints of each provider and cloud', () => {
  assert.equal(endpointsOf(google).token, 'https://oauth2.googleapis.com/token');
  assert.equal(
    endpointsOf(microsoft()).authorization,
    'https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize',
  );
  assert.equal(
    endpointsOf(microsoft({ cloud: 'us-dod', tenant: 'example.mil' })).token,
    'https://login.microsoftonline.us/example.mil/oauth2/v2.0/token',
  );
});

test('lists the host of every token endpoint', () => {
  const all = [google, ...clouds.map((cloud) => microsoft({ cloud }))].map(
    (settings) => new URL(endpointsOf(settings).token).host,
  );
  assert.deepEqual([...new Set(all)].sort(), [...tokenHosts].sort());
});

test('asks for the scopes of one use, at one resource', () => {
  for (const cloud of clouds) {
    for (const use of tokenUses.filter((name) => !name.startsWith('gmail'))) {
      const scopes = scopesOf(microsoft({ cloud }), use, true);
      assert.equal(new Set(scopes.map((scope) => new URL(scope).host)).size, 1, `${cloud} ${use}`);
    }
  }
  assert.deepEqual(scopesOf(google, 'gmail', false), ['https://www.googleapis.com/auth/gmail.modify']);
  assert.deepEqual(scopesOf(google, 'gmail-send', false), ['https://www.googleapis.com/auth/gmail.send']);
  assert.deepEqual(scopesOf(microsoft(), 'imap', true), ['https://outlook.office.com/IMAP.AccessAsUser.All']);
  assert.deepEqual(scopesOf(microsoft(), 'smtp', false), ['https://outlook.office.com/SMTP.Send']);
  assert.deepEqual(scopesOf(microsoft(), 'graph', false), ['https://graph.microsoft.com/Mail.ReadWrite']);
  assert.deepEqual(scopesOf(microsoft(), 'graph', true), ['https://graph.microsoft.com/Mail.ReadWrite.Shared']);
  assert.deepEqual(scopesOf(microsoft(), 'graph-send', true), ['https://graph.microsoft.com/Mail.Send.Shared']);
});

test('asks for all that an application was given, at the resource that the use needs', () => {
  const application = (cloud: string) => microsoft({ grant: 'client-credentials', tenant: 'example.com', cloud });
  assert.deepEqual(scopesOf(application('global'), 'graph', false), ['https://graph.microsoft.com/.default']);
  assert.deepEqual(scopesOf(application('global'), 'imap', false), ['https://outlook.office365.com/.default']);
  assert.deepEqual(scopesOf(application('china'), 'graph', false), [
    'https://microsoftgraph.chinacloudapi.cn/.default',
  ]);
});
