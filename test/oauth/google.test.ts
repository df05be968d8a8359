import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentialSettings, type GoogleSettings } from '../../src/domain/credential';
import { googleClient } from '../../src/oauth/google';
import type { SendTokenRequest } from '../../src/oauth/token-request';

const scope = 'https://www.googleapis.com/auth/gmail.modify';

function settingsOf(): GoogleSettings {
  const settings = credentialSettings.parse({ name: 'G', provider: 'google', clientId: 'client' });
  assert.ok(settings.provider === 'google');
  return settings;
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = {
  iss: 'https://accounts.google.com',
  aud: 'client',
  email: 'maria@gmail.example',
  email_verified: true,
};

/** Redeems a code at a token endpoint that gives these claims and scopes. */
function redeem(changes: Record<string, unknown> = {}, granted = `openid email ${scope}`) {
  const send: SendTokenRequest = async () => ({
    status: 200,
    headers: {},
    body: {
      token_type: 'Bearer',
      access_token: 'token',
      refresh_token: 'refresh',
      expires_in: 3_600,
      scope: granted,
      id_token: `${encode({ alg: 'none' })}.${encode({ ...claims, ...changes })}.x`,
    },
  });
  const redemption = {
    code: 'code',
    verifier: 'v'.repeat(43),
    redirectUri: 'https://letterbox.example/',
    scopes: [scope],
  };
  return googleClient(settingsOf(), 'secret', send, Date.now).redeem(redemption);
}

test('takes the mailbox from an id token that Google made for this application', async () => {
  assert.equal((await redeem()).mailbox, 'maria@gmail.example');
  assert.equal((await redeem({ iss: 'accounts.google.com' })).mailbox, 'maria@gmail.example');
});

for (const [what, changes] of [
  ['that was made for another application', { aud: 'somebody else' }],
  ['of another issuer', { iss: 'https://accounts.google.com.example' }],
  ['whose address nobody verified', { email_verified: false }],
  ['without an address', { email: undefined }],
] as const) {
  test(`refuses an id token ${what}`, () => assert.rejects(redeem(changes), { code: 'oauth-refused' }));
}

test('refuses tokens without the scope that was asked for', () =>
  assert.rejects(redeem({}, 'openid email'), { code: 'scope-missing' }));
