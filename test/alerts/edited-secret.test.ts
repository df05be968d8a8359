import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kvs } from '@forge/kvs';
import type { Payload } from '../../src/resolvers/contract';
import { alertStore } from '../../src/store/alerts';
import { secretChangeStore } from '../../src/store/secret-changes';
import { customUrl, slackUrl } from '../support/alert-receivers';
import { addOutgoing, addRule, call, host, receivers } from './alert-host';

const webhook = { type: 'webhook', headerName: '' } as const;
const update = (payload: Payload<'alerts.update'>) =>
  host.forge.invoke({ module: 'letterbox-admin', functionKey: 'alerts.update', payload, accountId: 'admin' });
const allow = () => {
  const configured = [{ domain: 'https://alerts.example.com', type: ['FETCH_BACKEND_SIDE'] }];
  const egresses = [{ key: 'alert-webhooks', description: 'Alerts', configured }];
  return host.forge.customerEgress('set', { egresses }, 'admin');
};
/** Where the saved rule posts to. */
async function postsTo(name: string): Promise<string> {
  const rule = (await call('alerts.list', {})).alerts.find(({ settings }) => settings.name === name);
  assert.ok(rule);
  await call('alerts.sendTest', { id: rule.id, settings: rule.settings, secret: {} });
  return receivers.taken.at(-1)?.path ?? '';
}
const secretCount = () => Object.keys(host.forge.storage('alert-secret:')).length;

test('of two edits at once the one that is saved decides what the rule posts with, and nothing of the other is kept', async () => {
  await allow();
  for (let round = 0; round < 5; round += 1) {
    const { id, version, settings } = await addRule(`Round ${round}`, webhook, { url: customUrl });
    const edits = ['one', 'two', 'three'].map((word) => ({
      name: `Round ${round} ${word}`,
      path: `/${word}`,
      secret: { url: `https://alerts.example.com/${word}` },
    }));
    const results = await Promise.all(
      edits.map(({ name, secret }) => update({ id, version, settings: { ...settings, name }, secret })),
    );
    assert.equal(results.filter(({ ok }) => ok).length, 1);
    const winner = edits[results.findIndex(({ ok }) => ok)];
    assert.equal(await postsTo(winner?.name ?? ''), winner?.path);
    assert.equal(secretCount(), round + 1);
  }
});

test('an edit that enters no secret writes none, and one for another channel leaves nothing behind', async () => {
  const { id, version, settings } = await addRule('Chat', { type: 'slack' }, { url: slackUrl });
  const [kept] = Object.keys(host.forge.storage('alert-secret:'));
  const renamed = await call('alerts.update', { id, version, settings: { ...settings, name: 'Talk' }, secret: {} });
  assert.deepEqual(Object.keys(host.forge.storage('alert-secret:')), [kept]);

  const outgoing = await addOutgoing('Sender');
  const channel = { type: 'email' as const, outgoingId: outgoing.id, recipients: ['ops@elsewhere.test'] };
  const mailed = await call('alerts.update', {
    id,
    version: renamed.version,
    settings: { ...settings, channel },
    secret: {},
  });
  assert.equal(await host.forge.run(() => kvs.getSecret(kept ?? '')), undefined);

  await call('alerts.update', { id, version: mailed.version, settings, secret: { url: slackUrl } });
  assert.equal(await postsTo('Chat'), new URL(slackUrl).pathname);
  assert.equal(secretCount(), 1);
});

test('a deleted rule leaves no secret behind, also after edits', async () => {
  const { id, version, settings } = await addRule('Chat', { type: 'slack' }, { url: slackUrl });
  const edited = await call('alerts.update', { id, version, settings, secret: { url: `${slackUrl}2` } });
  await call('alerts.delete', { id, version: edited.version });
  assert.equal(secretCount(), 0);
});

test('a create or an edit that is killed at any of its calls leaves no secret that no rule uses, and takes none that one does', async () => {
  const settings = { name: 'Killed', incidents: ['suspended' as const], failingMinutes: 5, channel: webhook };
  const create = { settings, secret: { url: customUrl } };
  const rules = async () => (await call('alerts.list', {})).alerts;
  const later = () => Date.now() + 4 * 60 * 60_000;
  await allow();
  let most = 0;
  for (const when of ['before', 'after'] as const) {
    for (const isEdit of [false, true]) {
      for (let at = 1; at < 50; at += 1) {
        const rule = isEdit ? await call('alerts.create', create) : null;
        const edit = rule && { id: rule.id, version: rule.version, settings, secret: { url: `${customUrl}2` } };
        host.forge.setFaults([{ match: 'kvs/', skip: at - 1, times: 1, when, kind: 'kill' }]);
        const functionKey = isEdit ? 'alerts.update' : 'alerts.create';
        const payload = edit ?? create;
        const result = await host.forge
          .invoke({ module: 'letterbox-admin', functionKey, payload, accountId: 'admin' } as never)
          .catch(() => null);
        host.forge.setFaults([]);
        await host.forge.run(async () => (await secretChangeStore([alertStore()], later).begin([])).end());
        const left = await rules();
        assert.equal(secretCount(), left.length, `${functionKey}: killed ${when} call ${at}`);
        if (left.length > 0) assert.match(await postsTo('Killed'), new RegExp(`^${new URL(customUrl).pathname}2?$`));
        for (const { id, version } of left) await call('alerts.delete', { id, version });
        // A create that was killed keeps its name for a minute.
        await host.forge.advance(61);
        if (Object(result).ok === true) break;
        most = Math.max(most, at);
      }
    }
  }
  assert.ok(most >= 4, `${most} calls`);
});
