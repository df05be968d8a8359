import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCheck } from '../../src/diagnosis/run-check';
import { type CheckName, gatewayTroubles, type Probed } from '../../src/domain/diagnosis';
import { everyByte } from '../../src/mail/diagnosis-wire';
import { goodSite } from './ports';

const trouble = (name: (typeof gatewayTroubles)[number], at: number | null = null): Probed<never> => ({
  ok: false,
  trouble: name,
  detail: 'HTTP 418',
  at,
});

test('tells how fast the gateway answered, and its version', async () => {
  const { ports, pass } = goodSite();
  const { hello } = ports.gateway;
  const takes = (ms: number) => {
    ports.gateway.hello = async () => {
      pass(ms);
      return hello();
    };
  };
  takes(300);
  const fast = await runCheck('gateway', ports);
  assert.deepEqual([fast.state, fast.value], ['good', 'Answered after 0.3 seconds, version 0.1.0']);
  takes(4_000);
  const slow = await runCheck('gateway', ports);
  assert.deepEqual([slow.state, slow.value], ['attention', 'Answered after 4 seconds, version 0.1.0']);
  assert.ok(slow.step !== null);
});

test('tells each trouble with the gateway apart, with a reason and a next step', async () => {
  const seen = new Set<string>();
  for (const name of gatewayTroubles) {
    const { ports } = goodSite();
    ports.gateway.hello = async () => trouble(name);
    const { state, value, reason, step } = await runCheck('gateway', ports);
    assert.equal(state, 'failed', name);
    assert.match(value, /HTTP 418/);
    assert.ok(reason !== null && step !== null);
    seen.add(`${value} ${reason} ${step}`);
  }
  assert.equal(seen.size, gatewayTroubles.length);
});

test('says nothing of bytes and times behind a gateway that does not answer as one', async () => {
  for (const check of ['bytes', 'time'] satisfies CheckName[]) {
    const { ports } = goodSite();
    // Whatever server it is may well answer something.
    ports.gateway.hello = async () => trouble('stranger');
    const { state, step } = await runCheck(check, ports);
    assert.equal(state, 'unknown', check);
    assert.match(step ?? '', /“Gateway” first/);
  }
});

test('tells bytes that came as they were from those that were taken for text', async () => {
  const { ports } = goodSite();
  assert.equal((await runCheck('bytes', ports)).state, 'good');
  const asText = new Uint8Array(Buffer.from(Buffer.from(everyByte).toString('utf8')));
  for (const bytes of [asText, everyByte.slice(0, 255), everyByte.toReversed(), new Uint8Array()]) {
    ports.gateway.bytes = async () => ({ ok: true, value: bytes });
    const { state, value } = await runCheck('bytes', ports);
    assert.equal(state, 'attention');
    assert.match(value, /JSON only/);
  }
  assert.match((await runCheck('bytes', ports)).reason ?? '', /changes to that by itself/);
  ports.fetchesJson = () => true;
  assert.match((await runCheck('bytes', ports)).reason ?? '', /in JSON already/);
});

/** What is seen where calls are cut after so many seconds. */
async function cutAfter(most: number) {
  const { ports } = goodSite();
  ports.gateway.hold = async (seconds) => (seconds <= most ? { ok: true, value: null } : trouble('timeout'));
  return runCheck('time', ports);
}

test('tells the longest call that came through, and what it means when that is too short', async () => {
  const whole = await cutAfter(20);
  assert.deepEqual([whole.state, whole.value], ['good', 'At least 20 seconds']);
  assert.match(whole.reason ?? '', /25 seconds left/);

  const enough = await cutAfter(19);
  assert.deepEqual([enough.state, enough.value], ['good', 'At least 15 seconds']);
  assert.match(enough.reason ?? '', /A call of 20 seconds did not come through \(HTTP 418\)/);

  const short = await cutAfter(12);
  assert.deepEqual([short.state, short.value], ['attention', 'At least 10 seconds']);
  assert.match(short.step ?? '', /GATEWAY_ANSWER_SECONDS to 8/);

  const none = await cutAfter(3);
  assert.equal(none.state, 'failed');
});

test('holds all answers back at once, since one after the other would take too long', async () => {
  const { ports } = goodSite();
  const held: number[] = [];
  let release = () => {};
  const all = new Promise<void>((resolve) => {
    release = resolve;
  });
  ports.gateway.hold = async (seconds) => {
    held.push(seconds);
    if (held.length === 4) release();
    await all;
    return { ok: true, value: null };
  };
  assert.equal((await runCheck('time', ports)).state, 'good');
  assert.deepEqual(held, [5, 10, 15, 20]);
});
