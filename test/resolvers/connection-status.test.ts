import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answers, call, enabled } from './connections-app';

/** What the pages are told of how a connection fares. */

const failed = (message: string) => ({
  ok: false,
  steps: [
    { step: 'sign-in', ok: true, took: 5, message: 'Signed in.', detail: null },
    { step: 'folder', ok: false, took: 5, message, detail: 'NO [NONEXISTENT]' },
  ] as const,
  messages: null,
});

test('a connection that a save disabled says why until it is enabled again, whatever is saved meanwhile', async () => {
  const { id, version, settings } = await enabled();
  const report = failed('There is no folder Gone.');
  answers.report = { ...report, steps: [...report.steps] };
  const broken = await call('connections.update', { id, version, settings: { ...settings, folder: 'Gone' } });
  answers.report = { ok: true, steps: [], messages: null };
  const told = ({ state, status, trouble }: typeof broken.connection) => {
    const { message, detail, step, stopped } = trouble ?? {};
    return { state, status, trouble: trouble && { message, detail, step, stopped } };
  };
  const why = { message: 'There is no folder Gone.', detail: 'NO [NONEXISTENT]', step: 'folder', stopped: true };
  const expected = { state: 'disabled', status: 'disabled', trouble: why };
  assert.deepEqual(told(broken.connection), expected);
  const renamed = { ...settings, folder: 'Gone', name: `${settings.name} renamed` };
  const saved = await call('connections.update', { id, version: broken.connection.version, settings: renamed });
  assert.deepEqual(told(saved.connection), expected);
  assert.deepEqual(told(await call('connections.get', { id })), expected);
  const again = { id, version: saved.connection.version, start: { from: 'continue' } } as const;
  assert.deepEqual(told(await call('connections.enable', again)), {
    state: 'enabled',
    status: 'polling',
    trouble: null,
  });
});

test('a connection that a save disabled is tested when its settings are put right, and says that it waits to be enabled', async () => {
  const { id, version, settings } = await enabled();
  const report = failed('There is no folder Gone.');
  answers.report = { ...report, steps: [...report.steps] };
  const broken = await call('connections.update', { id, version, settings: { ...settings, folder: 'Gone' } });
  const other = { ...settings, folder: 'Gone too' };
  const worse = await call('connections.update', { id, version: broken.connection.version, settings: other });
  assert.equal(worse.report?.ok, false, 'another wrong folder is tested too');
  assert.equal(worse.connection.trouble?.stopped, true);
  answers.report = { ok: true, steps: [], messages: null };
  const right = await call('connections.update', { id, version: worse.connection.version, settings });
  assert.equal(right.report?.ok, true);
  const { state, trouble } = right.connection;
  assert.deepEqual([state, trouble?.stopped, trouble?.step, trouble?.detail], ['disabled', true, null, null]);
  assert.match(trouble?.message ?? '', /was tested again .* and works\. Enable the connection/);
});

test('a connection that somebody disabled is not tested by a save, and stays disabled', async () => {
  const { id, version, settings } = await enabled();
  const disabled = await call('connections.disable', { id, version });
  answers.report = { ok: false, steps: [], messages: null };
  const other = { ...settings, folder: 'Other' };
  const saved = await call('connections.update', { id, version: disabled.version, settings: other });
  answers.report = { ok: true, steps: [], messages: null };
  assert.deepEqual([saved.report, saved.connection.state, saved.connection.trouble], [null, 'disabled', null]);
});
