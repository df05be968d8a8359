import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCheck } from '../../src/diagnosis/run-check';
import { goodSite } from './ports';

/** Clocks that are so many milliseconds ahead. */
async function seen({ gateway = 0, jira = 0 }: { gateway?: number; jira?: number }) {
  const { ports } = goodSite();
  ports.gateway.hello = async () => ({ ok: true, value: { version: '1', at: ports.now() + gateway } });
  ports.jiraTime = async () => ports.now() + jira;
  return runCheck('clock', ports);
}

test('is good when all three agree within a minute', async () => {
  assert.deepEqual(await seen({}), {
    state: 'good',
    value: 'Gateway: the same time. Jira: the same time.',
    reason: null,
    step: null,
  });
  const close = await seen({ gateway: 59_000, jira: -59_000 });
  assert.deepEqual([close.state, close.value], ['good', 'Gateway: 59 seconds ahead. Jira: 59 seconds behind.']);
});

test('tells a clock that is off by more, whose it is and what it breaks', async () => {
  for (const gateway of [61_000, -61_000]) {
    const { state, reason, step } = await seen({ gateway });
    assert.equal(state, 'failed');
    assert.match(`${reason} ${step}`, /gateway’s clock is wrong.*NTP/);
  }
  for (const jira of [3_600_000, -61_000]) {
    const { state, reason } = await seen({ jira });
    assert.equal(state, 'failed');
    assert.match(reason ?? '', /Sign-ins/);
  }
});

test('does not take a slow answer for a wrong clock', async () => {
  const { ports, pass } = goodSite();
  ports.jiraTime = async () => {
    pass(70_000);
    const at = ports.now();
    pass(70_000);
    return at;
  };
  assert.equal((await runCheck('clock', ports)).state, 'good');
});

test('reads the clock of a gateway that refuses because of it', async () => {
  const { ports } = goodSite();
  ports.gateway.hello = async () => ({
    ok: false,
    trouble: 'token-time',
    detail: 'HTTP 401',
    at: ports.now() - 600_000,
  });
  const { state, value } = await runCheck('clock', ports);
  assert.equal(state, 'failed');
  assert.match(value, /Gateway: 10 minutes behind/);
});

test('is no good state while one of them does not tell its time', async () => {
  const { ports } = goodSite();
  ports.jiraTime = async () => null;
  const jira = await runCheck('clock', ports);
  assert.deepEqual([jira.state, jira.value], ['unknown', 'Gateway: the same time. Jira: not known.']);
  const other = goodSite().ports;
  other.gateway.hello = async () => ({ ok: false, trouble: 'unreachable', detail: '502', at: null });
  assert.equal((await runCheck('clock', other)).state, 'unknown');
});
