import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { describeSettings, readConfig, unknownSettings } from '../../src/gateway/config';

/** What operators read, held against what the gateway does. */
const folder = 'docs/gateway';
const documents = ['docs/gateway.md', ...readdirSync(folder).map((name) => `${folder}/${name}`)];
const textOf = (path: string) => readFileSync(path, 'utf8');

test('lists every setting as --help shows it', () => {
  const text = textOf('docs/gateway.md');
  const rows = describeSettings()
    .split('\n')
    .filter((line) => line.startsWith('  '));
  assert.ok(rows.length > 20);
  assert.deepEqual(
    rows.filter((row) => !text.includes(`${row}\n`)),
    [],
  );
});

test('names no setting that is none', () => {
  const named = documents.flatMap((path) => textOf(path).match(/\bGATEWAY_[A-Z_]*[A-Z]/g) ?? []);
  assert.ok(named.length > 30);
  assert.deepEqual(unknownSettings(Object.fromEntries(named.map((name) => [name, '1']))), []);
});

test('whoever stops it waits until it has ended by itself, and proxies wait for the longest answer', () => {
  const { shutdownDelaySeconds, drainSeconds, requestSeconds, keepAliveSeconds } = readConfig({
    GATEWAY_AUDIENCE: 'ari:cloud:ecosystem::app/one',
  });
  const number = (name: string, pattern: RegExp) => Number(pattern.exec(textOf(`${folder}/${name}`))?.[1]);
  for (const waited of [
    number('letterbox-gateway.service', /TimeoutStopSec=(\d+)/),
    number('Dockerfile', /--stop-timeout (\d+)/),
  ])
    assert.ok(waited > shutdownDelaySeconds + drainSeconds);
  for (const waited of [
    number('haproxy.cfg', /timeout server (\d+)s/),
    number('Caddyfile', /response_header_timeout (\d+)s/),
  ])
    assert.ok(waited > requestSeconds);
  assert.ok(number('Caddyfile', /keepalive (\d+)s/) < keepAliveSeconds);
  assert.ok(number('haproxy.cfg', /check inter (\d+)s/) + 2 < shutdownDelaySeconds);
});
