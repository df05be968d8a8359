import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getAppContext, webTrigger } from '@forge/api';
import { Queue } from '@forge/events';
import { kvs } from '@forge/kvs';
import { fixtureForge, temporaryFolder } from './fixture/forge';

const installationId = () => getAppContext().installationAri.toString();

test('a reinstallation keeps the storage, and is another installation with another web trigger address', async () => {
  const directory = await temporaryFolder();
  const before = await fixtureForge({ directory });
  const facts = async (forge: typeof before) =>
    forge.run(async () => ({ id: installationId(), url: await webTrigger.getUrl('dynamic') }));
  await before.run(() => kvs.set('a', 1));
  const old = await facts(before);
  await before.uninstall();
  await before.reinstall();
  const renewed = await facts(before);
  assert.notEqual(renewed.id, old.id);
  assert.notEqual(renewed.url, old.url);
  assert.equal(await before.run(() => kvs.get('a')), 1);
  const [oldKey = '', key = ''] = [old, renewed].map(({ url }) => url.split('/').at(-1));
  const get = { method: 'GET', path: '/', headers: {}, query: {}, body: '' };
  assert.equal((await before.webTrigger(oldKey, get)).status, 404, 'the old address leads nowhere');
  assert.notEqual((await before.webTrigger(key, get)).status, 404);
  await before.close();
  assert.deepEqual(await facts(await fixtureForge({ directory })), renewed, 'also after a restart');
});

test('nothing runs while the app is uninstalled, and what waited in queues is gone', async () => {
  const consumed: unknown[] = [];
  const functions = {
    consumeShort: ({ body }: { body: unknown }) => void consumed.push(body),
    hourly: () => void consumed.push('hourly'),
  };
  const forge = await fixtureForge({ functions });
  await forge.run(() => new Queue({ key: 'short' }).push({ body: { n: 1 } }));
  await forge.uninstall();
  await forge.trigger('hourly');
  await assert.rejects(forge.run(installationId));
  await forge.reinstall();
  await forge.drain();
  assert.deepEqual(consumed, []);
  await forge.run(() => new Queue({ key: 'short' }).push({ body: { n: 2 } }));
  await forge.drain();
  assert.deepEqual(consumed, [{ n: 2 }]);
});
