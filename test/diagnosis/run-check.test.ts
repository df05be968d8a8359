import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCheck } from '../../src/diagnosis/run-check';
import { AppError } from '../../src/domain/app-error';
import { checkNames } from '../../src/domain/diagnosis';
import { goodSite } from './ports';

test('every check ends before the platform ends it, whatever never answers', async () => {
  const never = () => new Promise<never>(() => {});
  const { ports } = goodSite();
  ports.remainingMs = () => 0;
  ports.gateway = { hello: never, bytes: never, hold: never };
  ports.jiraTime = never;
  ports.query = { write: never, lists: never, remove: never };
  ports.activity = { list: never };
  ports.connections = { list: never };
  const findings = await Promise.all(checkNames.map((name) => runCheck(name, ports)));
  const late = findings.filter(({ value }) => value.startsWith('No result within'));
  assert.equal(late.length, checkNames.length - 2, 'all but those that ask nobody');
  assert.ok(late.every(({ state }) => state === 'failed'));
});

test('what a check fails with is told as its finding, and logged without secrets', async () => {
  const { ports } = goodSite();
  const logged: unknown[] = [];
  ports.log = (...line) => logged.push(line);
  ports.connections.list = () => Promise.reject(new Error('token=abc'));
  const { state, reason } = await runCheck('polls', ports);
  assert.equal(state, 'failed');
  assert.doesNotMatch(reason ?? '', /abc/);
  assert.equal(logged.length, 1);
});

test('says when another look makes sense, where that is known', async () => {
  const { ports } = goodSite();
  ports.connections.list = () =>
    Promise.reject(new AppError('jira-quota', 'transient', 'Used up.', { retryAfterMs: 25 * 60_000 }));
  assert.equal((await runCheck('polls', ports)).step, 'Run this again in 25 minutes.');
  ports.connections.list = () => Promise.reject(new AppError('other', 'transient', 'Busy.'));
  assert.equal((await runCheck('polls', ports)).step, 'Run this again in a moment.');
});

test('leaves the question for consent to the platform', async () => {
  const { ports } = goodSite();
  const consent = Object.assign(new Error('Authentication Required'), { name: 'NEEDS_AUTHENTICATION_ERR' });
  ports.connections.list = () => Promise.reject(consent);
  await assert.rejects(runCheck('polls', ports), consent);
});
