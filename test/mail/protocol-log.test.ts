import assert from 'node:assert/strict';
import { test } from 'node:test';
import { protocolLog, protocolLogLimits, spokenLine } from '../../src/mail/protocol-log';

const textsOf = (log: ReturnType<typeof protocolLog>) => log.take().map(({ text }) => text);

test('is off until it is started, and off again once it is taken', () => {
  const log = protocolLog();
  log.add('before');
  log.start();
  log.add('C: one');
  log.add(() => 'S: two');
  assert.deepEqual(textsOf(log), ['C: one', 'S: two']);
  log.add('after');
  assert.deepEqual(textsOf(log), []);
  log.start();
  assert.deepEqual(textsOf(log), [], 'what was said while it was off is gone');
});

test('what was left by a request that nobody waited for is not told to the next one', () => {
  const log = protocolLog();
  log.start();
  log.add('of another request');
  log.start();
  log.add('mine');
  assert.deepEqual(textsOf(log), ['mine']);
});

test('makes no line that nobody wants', () => {
  const log = protocolLog();
  let made = 0;
  const line = () => {
    made += 1;
    return 'C: NOOP';
  };
  log.add(line);
  assert.equal(made, 0);
  log.start();
  log.add(line);
  assert.equal(made, 1);
});

test('keeps the beginning and the end of a long protocol, and says how much is left out between', () => {
  const log = protocolLog();
  log.start();
  for (let line = 1; line <= 10_000; line += 1) log.add(`C: ${line}`);
  const lines = textsOf(log);
  assert.ok(lines.length <= protocolLogLimits.lines);
  assert.ok(lines.length > protocolLogLimits.lines * 0.9);
  assert.deepEqual([lines[0], lines.at(-1)], ['C: 1', 'C: 10000']);
  const [gap = ''] = lines.filter((line) => line.startsWith('…'));
  assert.equal(gap, `… (${10_000 - lines.length + 1} lines are left out)`);
});

test('bounds each line and all of them together', () => {
  const log = protocolLog();
  log.start();
  for (let line = 1; line <= 5_000; line += 1) log.add('x'.repeat(2_000));
  const lines = textsOf(log);
  assert.ok(lines.every((line) => line.length <= protocolLogLimits.lineChars));
  const chars = lines.join('').length;
  assert.ok(chars <= protocolLogLimits.chars + 100 && chars > protocolLogLimits.chars * 0.9, `${chars} characters`);
});

test('says how long ago each line was', async () => {
  const log = protocolLog();
  log.start();
  log.add('first');
  await new Promise((resolve) => setTimeout(resolve, 30));
  log.add('second');
  const [first, second] = log.take();
  assert.ok(first !== undefined && second !== undefined && first.agoMs >= second.agoMs + 20, JSON.stringify(first));
});

test('a spoken line is one line, without the secret in any form and without controls', () => {
  const secret = 'canary-Passw0rd';
  const sasl = Buffer.from(`\0alice\0${secret}`).toString('base64');
  for (const words of [secret, sasl, encodeURIComponent(secret), `user=${secret}\r\nS: forged`, `Bearer ${secret}`]) {
    const line = spokenLine('S', `NO ${words} \u202e\u0007`, [secret]);
    assert.doesNotMatch(line, /canary|Passw0rd|Y2FuYXJ5|UGFzc3cwcm|\p{Cc}|\u202e/u, words);
    assert.match(line, /^S: NO .*\[redacted\]/);
  }
  assert.equal(spokenLine('S', '2 OK LOGIN completed', [secret]), 'S: 2 OK LOGIN completed');
});

test('a secret that begins at the end of what is shown is not shown in part', () => {
  const token = `EwB${'Zq9'.repeat(1_500)}`;
  const line = spokenLine('S', `${'x'.repeat(480)} ${token}`, [token]);
  assert.doesNotMatch(line, /Zq9/);
});
