import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthorizationCallback } from '../../src/domain/oauth-ports';
import { oauthCallback } from '../../src/triggers/oauth-callback';

function called() {
  const calls: AuthorizationCallback[] = [];
  return { calls, answer: oauthCallback(async (callback) => void calls.push(callback)) };
}

test('hands on what the provider put into the address', async () => {
  const { calls, answer } = called();
  const queryParameters = { state: ['s'], code: ['c'], session_state: ['x'] };
  assert.deepEqual(await answer({ queryParameters }), { outputKey: 'connected' });
  assert.deepEqual(calls, [{ state: 's', code: 'c', error: '', errorDescription: '' }]);
});

test('takes a parameter that comes twice, or is endless, for none', async () => {
  const { calls, answer } = called();
  await answer({ queryParameters: { state: ['a', 'b'], code: ['c'.repeat(10_000)], error: [] } });
  await answer({});
  assert.deepEqual(calls, [
    { state: '', code: '', error: '', errorDescription: '' },
    { state: '', code: '', error: '', errorDescription: '' },
  ]);
});

test('shows the public one and the same page, whatever went wrong', async () => {
  for (const thrown of [new Error('secret reason'), 'text', null]) {
    const answer = oauthCallback(() => Promise.reject(thrown));
    assert.deepEqual(await answer({ queryParameters: { state: ['s'], code: ['c'] } }), { outputKey: 'failed' });
  }
});
