import './globals';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJira } from '../jira/jira';
import { fixtureForge, stillClock, temporaryFolder } from './fixture/forge';
import { manifestWith } from './fixture/manifest';
import { notingServer } from './fixture/server';

const group = (domain: string, type = ['FETCH_BACKEND_SIDE']) => ({
  egresses: [{ key: 'webhooks', description: 'Alerts', configured: [{ domain, type }] }],
});
const products = () => ({ jira: createJira({ clock: stillClock(), directory: null }) });
const external = '  external:\n';
const manifest = await manifestWith(external, `${external}    configurable:\n      enabled: true\n`);

test('functions reach a host once an administrator agreed to it, and no longer when they took that back', async () => {
  const server = await notingServer(() => ({ body: 'hello' }));
  const hosts = { 'alerts.other.example': server.url, 'evil.other.example': server.url };
  const forge = await fixtureForge({ manifest, products: products(), hosts });
  const reach = (host: string) => forge.run(async () => (await fetch(`https://${host}/`)).status);
  const blocked = { errorCode: 'REQUEST_EGRESS_ALLOWLIST_ERR' };

  await assert.rejects(reach('alerts.other.example'), blocked);
  await forge.customerEgress('set', group('https://alerts.other.example'), 'admin');
  assert.equal(await reach('alerts.other.example'), 200);
  await assert.rejects(reach('evil.other.example'), blocked);
  await forge.customerEgress(
    'deleteDomain',
    { key: 'webhooks', domain: 'https://alerts.other.example', type: 'FETCH_BACKEND_SIDE' },
    'admin',
  );
  await assert.rejects(reach('alerts.other.example'), blocked);
  assert.deepEqual(await forge.customerEgress('get', {}, 'agent'), {
    results: [{ key: 'webhooks', description: 'Alerts', configured: [] }],
  });
});

test('a host that pages may show is none that functions may call', async () => {
  const server = await notingServer(() => ({ body: 'hello' }));
  const forge = await fixtureForge({ manifest, products: products(), hosts: { 'img.other.example': server.url } });
  await forge.customerEgress('set', group('img.other.example', ['IMAGES']), 'admin');
  await assert.rejects(
    forge.run(() => fetch('https://img.other.example/')),
    { errorCode: 'REQUEST_EGRESS_ALLOWLIST_ERR' },
  );
});

test('only administrators change it, anybody reads it, and not without the manifest', async () => {
  const forge = await fixtureForge({ manifest, products: products() });
  for (const accountId of ['agent', 'customer', null]) {
    for (const operation of ['set', 'deleteDomain', 'deleteGroup']) {
      await assert.rejects(forge.customerEgress(operation, group('a.example'), accountId), { status: 403 });
    }
  }
  assert.deepEqual(await forge.customerEgress('get', {}, 'customer'), { results: [] });
  const plain = await fixtureForge({ products: products() });
  await assert.rejects(plain.customerEgress('set', group('a.example'), 'admin'), { status: 403 });
});

test('refuses what is malformed, doubled or too much', async () => {
  const forge = await fixtureForge({ manifest, products: products() });
  const set = (egresses: unknown) => forge.customerEgress('set', { egresses }, 'admin');
  const type = ['FETCH_BACKEND_SIDE'];
  const many = Array.from({ length: 11 }, (_, number) => ({ domain: `h${number}.example`, type }));
  await assert.rejects(set([]), { status: 400 });
  await assert.rejects(set([{ key: 'a', description: 'A', configured: [{ domain: 'a.example', type: ['ANY'] }] }]), {
    status: 400,
  });
  await assert.rejects(set([{ key: 'a', description: 'A', configured: many }]), { status: 400 });
  const one = { domain: 'a.example', type };
  await assert.rejects(set([{ key: 'a', description: 'A', configured: [one, one] }]), { status: 422 });
  await assert.rejects(set([{ key: 'a', description: 'A', configured: [{ domain: 'not a host', type }] }]), {
    status: 422,
  });
  const groups = Array.from({ length: 11 }, (_, number) => ({
    key: `g${number}`,
    description: 'G',
    configured: [one],
  }));
  await assert.rejects(set(groups), { status: 400 });
  assert.deepEqual(await forge.customerEgress('get', {}, 'admin'), { results: [] });
});

test('is kept over a restart', async () => {
  const directory = await temporaryFolder();
  const before = await fixtureForge({ manifest, products: products(), directory });
  await before.customerEgress('set', group('a.example'), 'admin');
  await before.close();
  const forge = await fixtureForge({ manifest, products: products(), directory });
  assert.deepEqual(await forge.customerEgress('get', { keys: ['webhooks'] }, 'admin'), {
    results: group('a.example').egresses,
  });
});
