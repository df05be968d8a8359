import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCheck } from '../../src/diagnosis/run-check';
import { neededHosts, neededScopes } from '../../src/domain/consent';
import { goodSite } from './ports';

test('names what was not granted, and what it is needed for', async () => {
  const { ports } = goodSite();
  assert.equal((await runCheck('scopes', ports)).state, 'good');
  assert.equal((await runCheck('hosts', ports)).state, 'good');
  const granted = Object.keys(neededScopes).filter((scope) => scope !== 'write:jira-work');
  ports.granted = () => ({ scopes: granted, hosts: ['hooks.slack.com'] });
  const scopes = await runCheck('scopes', ports);
  assert.deepEqual([scopes.state, scopes.value], ['failed', '1 of 5 permissions missing']);
  assert.equal(scopes.reason, 'Missing: write:jira-work (to create issues, comments and attachments).');
  assert.match(scopes.step ?? '', /Connected apps/);
  const hosts = await runCheck('hosts', ports);
  assert.equal(hosts.state, 'failed');
  assert.match(hosts.reason ?? '', /graph\.microsoft\.com \(for mailboxes at Microsoft\)/);
  assert.doesNotMatch(hosts.reason ?? '', /slack/);
});

test('takes a granted wildcard for the hosts below it', async () => {
  const { ports } = goodSite();
  const hosts = Object.keys(neededHosts).filter((host) => !host.endsWith('.googleapis.com'));
  ports.granted = () => ({ scopes: Object.keys(neededScopes), hosts: [...hosts, '*.googleapis.com'] });
  assert.equal((await runCheck('hosts', ports)).state, 'good');
  ports.granted = () => ({ scopes: null, hosts: [...hosts, '*.evil-googleapis.com'] });
  assert.equal((await runCheck('hosts', ports)).state, 'failed');
});

test('is not known where the platform does not tell', async () => {
  const { ports } = goodSite();
  ports.granted = () => ({ scopes: null, hosts: null });
  for (const check of ['scopes', 'hosts'] as const) assert.equal((await runCheck(check, ports)).state, 'unknown');
});
