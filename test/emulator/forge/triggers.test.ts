import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestWith } from './fixture/manifest';
import { readManifest } from './manifest';

const trigger = (key: string, interval: string) =>
  `  scheduledTrigger:\n    - key: ${key}\n      function: hourly\n      interval: ${interval}\n`;

test('refuses a second scheduled trigger of five minutes, and takes others besides the first', async () => {
  const second = await manifestWith('  scheduledTrigger:\n', trigger('again', 'fiveMinute'));
  assert.throws(() => readManifest(second), /at most 1 scheduled trigger with the interval fiveMinute/);
  const hourly = await manifestWith('  scheduledTrigger:\n', trigger('again', 'hour'));
  assert.ok(readManifest(hourly).triggers.has('again'));
});

test('refuses a sixth scheduled trigger', async () => {
  const many = ['a', 'b', 'c', 'd', 'e'].map((key) => trigger(key, 'day').split('\n').slice(1).join('\n')).join('');
  const file = await manifestWith('  scheduledTrigger:\n', `  scheduledTrigger:\n${many}`);
  assert.throws(() => readManifest(file), /at most 5 scheduled triggers/);
});
