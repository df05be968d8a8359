import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { signIn } from '../emulator/identity/sign-in';
import { demoApplications } from '../emulator/local/providers';
import { type HttpInbox, type HttpProvider, type HttpStage, startHttpStage } from './http-stage';

/** The app comes back as another installation, relinked to its storage: first with its accesses, then after it gave them up. */

let stage: HttpStage;
let inboxes: Record<HttpProvider, HttpInbox>;
let other: HttpInbox;
let outgoingId: string;
before(async () => {
  stage = await startHttpStage();
  // Before any reinstallation: the provider refuses the callback URL that follows.
  inboxes = { gmail: await stage.inbox('gmail'), graph: await stage.inbox('graph') };
  other = await stage.inbox('gmail');
  outgoingId = await sender(inboxes.gmail.address);
});
after(() => stage?.close());

/** An outgoing connection of that demo account of Google. */
async function sender(address: string): Promise<string> {
  const { credentials } = await stage.call('credentials.list', {});
  const credentialId = credentials.find(({ settings }) => settings.name === demoApplications[0].name)?.id ?? '';
  const start = { credentialId, connectionId: null, use: 'gmail-send', shared: false, loginHint: '' } as const;
  const { authorizationId, url } = await stage.call('authorizations.begin', start);
  await fetch(await signIn(stage.identity, url, { address }));
  const settings = {
    provider: 'google',
    name: 'Sender',
    credentialId,
    username: address,
    fromAddress: address,
  } as const;
  return (await stage.call('outgoing.create', { settings, authorizationId })).id;
}

for (const provider of ['gmail', 'graph'] as const) {
  test(`mail goes on where it stopped, as one issue each: ${provider}`, async () => {
    const inbox = inboxes[provider];
    inbox.deliver('before');
    await inbox.poll();
    inbox.deliver('between');
    await stage.forge.reinstall();
    inbox.deliver('after');
    await inbox.poll('scheduled');
    await inbox.recovers();
  });
}

test('mail that the app sent before it was installed again is still known as its own', async () => {
  await stage.call('outgoing.sendTest', { id: outgoingId, to: other.address });
  await stage.forge.reinstall();
  await other.poll();
  const { entries } = await stage.call('activity.list', { connectionId: other.id, result: 'skipped' });
  assert.deepEqual(
    entries.map(({ subject }) => subject),
    ['Test mail of Letterbox'],
  );
  assert.deepEqual(other.issues(), []);
});

test('a reinstallation after accesses were given up says so, and mail goes on once they are given again', async () => {
  const { gmail, graph } = inboxes;
  const { version } = await gmail.view();
  await stage.forge.uninstall();
  await stage.forge.reinstall();
  await stage.registerCallback();
  for (const inbox of [gmail, graph]) {
    inbox.deliver(`after it was uninstalled, to ${inbox.address}`);
    await inbox.poll();
    const { state, trouble } = await inbox.view();
    assert.equal(state, 'suspended');
    assert.match(trouble?.message ?? '', /Access was given up when Letterbox was uninstalled\. Authorize/);
    await inbox.authorize();
    await inbox.recovers();
  }
  assert.ok((await gmail.view()).version > version);
  await assert.rejects(stage.call('outgoing.sendTest', { id: outgoingId, to: other.address }), /was uninstalled/);
});
