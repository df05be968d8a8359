import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { demoApplications } from '../emulator/local/providers';
import { type HttpInbox, type HttpStage, startHttpStage } from '../faults/http-stage';

let stage: HttpStage;
before(async () => {
  stage = await startHttpStage();
});
after(() => stage?.close());

/** Enters a client secret, and lets the polls that follow run. */
async function enterSecret(name: string, clientSecret: string): Promise<void> {
  const { credentials } = await stage.call('credentials.list', {});
  const credential = credentials.find((one) => one.settings.name === name);
  assert.ok(credential);
  const { id, version, settings } = credential;
  await stage.call('credentials.update', { id, version, settings, clientSecret });
  await stage.forge.drain();
}

const statesOf = async (inboxes: readonly HttpInbox[]) =>
  Promise.all(inboxes.map(async ({ view }) => (await view()).state));

for (const [provider, number] of [
  ['gmail', 0],
  ['graph', 1],
] as const) {
  test(`a new client secret goes on with each connection that the old one suspended: ${provider}`, async () => {
    const { name = '', clientSecret = '' } = demoApplications[number] ?? {};
    const [ended, other] = [await stage.inbox(provider), await stage.inbox(provider)];
    await enterSecret(name, 'refused');
    for (const inbox of [ended, other]) {
      stage.identity.expireAccessTokens(inbox.address);
      inbox.deliver(`to ${inbox.address}`);
      await inbox.poll();
      assert.equal((await inbox.view()).trouble?.code, 'client-secret-refused');
    }
    await enterSecret(name, 'refused too');
    assert.deepEqual(await statesOf([ended, other]), ['suspended', 'suspended'], 'tried once, and refused again');

    stage.identity.revoke(ended.address);
    await enterSecret(name, clientSecret);
    // What the secret was not to blame for is suspended for a reason of its own, and waits for that.
    assert.deepEqual(await statesOf([ended, other]), ['suspended', 'enabled']);
    assert.equal((await ended.view()).trouble?.code, 'authorization-expired');
    assert.deepEqual(other.issues(), other.delivered);
    await enterSecret(name, clientSecret);
    assert.deepEqual(await statesOf([ended, other]), ['suspended', 'enabled'], 'not for every new secret');
    await ended.authorize();
    await ended.recovers();
    await other.recovers();
  });
}
