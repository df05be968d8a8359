import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentialSettings, type MicrosoftSettings } from '../../src/domain/credential';
import { microsoftClient } from '../../src/oauth/microsoft';
import type { CacheSlot } from '../../src/oauth/oauth-client';
import type { SendTokenRequest, TokenRequest } from '../../src/oauth/token-request';

const scope = 'https://graph.microsoft.com/Mail.ReadWrite';
const tid = 'a1c0de00-0000-4000-8000-00000c047050';

function settingsOf(): MicrosoftSettings {
  const settings = credentialSettings.parse({ name: 'M', provider: 'microsoft', clientId: 'client', tenant: 'common' });
  assert.ok(settings.provider === 'microsoft');
  return settings;
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token endpoint that names scopes in its own way and gives `extra`; notes what it was sent. */
function endpoint(granted: string, extra: Record<string, unknown> = {}, audience = 'client') {
  const sent: TokenRequest[] = [];
  const send: SendTokenRequest = async (request) => {
    sent.push(request);
    const claims = { aud: audience, tid, oid: 'oid', sub: 'sub', preferred_username: 'maria@contoso.example' };
    return {
      status: 200,
      headers: {},
      body: {
        token_type: 'Bearer',
        access_token: `token ${sent.length}`,
        refresh_token: `refresh ${sent.length}`,
        expires_in: 3_600,
        scope: granted,
        id_token: `${encode({ alg: 'none' })}.${encode(claims)}.x`,
        client_info: encode({ uid: 'oid', utid: tid }),
        ...extra,
      },
    };
  };
  return { sent, send };
}

function slotWith(value: string): CacheSlot & { saves: number } {
  const slot = {
    value,
    saves: 0,
    save: async (cache: string) => {
      slot.value = cache;
      slot.saves += 1;
    },
  };
  return slot;
}

const redemption = {
  code: 'code',
  verifier: 'v'.repeat(43),
  redirectUri: 'https://letterbox.example/',
  scopes: [scope],
};

for (const granted of [
  `openid profile ${scope}`,
  'openid profile email Mail.ReadWrite',
  `${scope.toLowerCase()} openid`,
]) {
  test(`finds its token again when Microsoft calls the scopes "${granted}"`, async () => {
    const { sent, send } = endpoint(granted);
    const client = microsoftClient(settingsOf(), 'secret', send);
    const { mailbox, cache } = await client.redeem(redemption);
    assert.equal(mailbox, 'maria@contoso.example');
    const slot = slotWith(cache);
    assert.equal(await client.token(slot, [scope], undefined), 'token 1');
    assert.deepEqual([sent.length, slot.saves], [1, 0]);
    assert.equal(await client.token(slot, [scope], 'token 1'), 'token 2');
    assert.equal(await client.token(slot, [scope], undefined), 'token 2');
    assert.deepEqual([sent.length, slot.saves], [2, 1]);
    assert.equal(new URLSearchParams(sent[1]?.body).get('refresh_token'), 'refresh 1');
  });
}

test('refuses an id token that was made for another application', async () => {
  const { send } = endpoint(scope, {}, 'somebody else');
  await assert.rejects(microsoftClient(settingsOf(), 'secret', send).redeem(redemption), { code: 'oauth-refused' });
});

test('refuses tokens without the scope that was asked for', async () => {
  const { send } = endpoint('openid profile User.Read');
  await assert.rejects(microsoftClient(settingsOf(), 'secret', send).redeem(redemption), { code: 'scope-missing' });
});

test('renews early when Microsoft asks for it, and goes on with the old token when that fails', async () => {
  const { sent, send } = endpoint(scope, { refresh_in: 1 });
  let isDown = false;
  const client = microsoftClient(settingsOf(), 'secret', async (request) => {
    if (isDown) throw new Error('down');
    return send(request);
  });
  const { cache } = await client.redeem(redemption);
  const slot = slotWith(cache.replace(/"refresh_on":"\d+"/, '"refresh_on":"1"'));
  assert.notEqual(slot.value, cache);
  isDown = true;
  assert.equal(await client.token(slot, [scope], undefined), 'token 1');
  isDown = false;
  await client.token(slot, [scope], undefined);
  assert.deepEqual([sent.length, slot.saves], [2, 1]);
});
