import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import type { TokenUse } from '../../src/domain/oauth-endpoints';
import { type OAuthWorld, oauthWorld, startOf } from '../oauth/world';
import { type Dovecot, startDovecot } from '../support/dovecot';

const address = 'support@contoso.example';
let world: OAuthWorld;
let dovecot: Dovecot;
before(async () => {
  world = await oauthWorld();
  dovecot = await startDovecot({
    users: { [address]: 'not used', 'maria@contoso.example': 'not used' },
    introspectionUrl: world.identity.introspectionUrl,
  });
});
after(async () => {
  await dovecot?.stop();
  await world.close();
});

async function connected(use: TokenUse): Promise<(rejected?: string) => Promise<string>> {
  const { id } = await world.credential({ provider: 'microsoft' });
  const owner = await world.connect({ ...startOf(id, { use }), connectionId: crypto.randomUUID() }, { address });
  return (rejected) => world.run((oauth) => oauth.accessToken(owner, rejected));
}

/** Signs in by SASL XOAUTH2, and returns the server's last word. */
async function signInWith(user: string, token: string): Promise<string> {
  const socket = connect(dovecot.ports.imap, dovecot.host).setEncoding('utf8');
  const response = Buffer.from(`user=${user}\x01auth=Bearer ${token}\x01\x01`).toString('base64');
  let text = '';
  socket.on('data', (chunk: string) => {
    // The server explains a refusal in a challenge, which an empty line answers.
    if (/^\+ /m.test(chunk) && !chunk.startsWith('* ')) socket.write('\r\n');
    text += chunk;
    if (/^a (OK|NO|BAD).*\r\n/m.test(text)) socket.end();
  });
  await once(socket, 'connect');
  socket.write(`a AUTHENTICATE XOAUTH2 ${response}\r\n`);
  await once(socket, 'close');
  return /^a (OK|NO|BAD)/m.exec(text)?.[1] ?? text;
}

test('a token for IMAP opens the mailbox that was connected in a real mail server, and no other', async () => {
  const token = await (await connected('imap'))();
  assert.equal(await signInWith(address, token), 'OK');
  assert.equal(await signInWith('maria@contoso.example', token), 'NO');
});

test('a token for Graph opens no mailbox there', async () => {
  const token = await (await connected('graph'))();
  assert.equal(await signInWith(address, token), 'NO');
});

test('a token that has ended is renewed after the mail server refused it', async () => {
  const accessToken = await connected('imap');
  const old = await accessToken();
  world.identity.expireAccessTokens(address);
  assert.equal(await signInWith(address, old), 'NO');
  assert.equal(await signInWith(address, await accessToken(old)), 'OK');
});
