import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ForgeKvsAPIError } from '@forge/kvs';
import { AppError } from '../../src/domain/app-error';
import { withStoreErrors } from '../../src/store/api-error';

const refusal = (status: number, code = 'ANY') =>
  new ForgeKvsAPIError({ status, statusText: '' }, { code, message: 'from the storage' });

/** A store whose call fails with these errors, one after the other, then answers. */
function storeThatFails(...errors: unknown[]) {
  let calls = 0;
  const store = withStoreErrors({
    get: async (key: string) => {
      calls += 1;
      const error = errors.shift();
      if (error !== undefined) throw error;
      return key;
    },
  });
  return { store, calls: () => calls };
}

test('tries a call again that was limited', async () => {
  const { store, calls } = storeThatFails(refusal(429, 'RATE_LIMIT_EXCEEDED'));
  assert.equal(await store.get('a'), 'a');
  assert.equal(calls(), 2);
});

for (const [what, error] of [
  ['an outage', refusal(503)],
  ['a network failure', new TypeError('fetch failed')],
] as const) {
  test(`tries nothing again after ${what}, which may have had its effect, and says that it passes`, async () => {
    const { store, calls } = storeThatFails(error);
    await assert.rejects(
      store.get('a'),
      (thrown) => thrown instanceof AppError && thrown.kind === 'transient' && thrown.cause === error,
    );
    assert.equal(calls(), 1);
  });
}

test("passes on errors of ours and the storage's refusals as they are", async () => {
  for (const error of [new AppError('stale-version', 'input', 'Changed.'), refusal(400, 'INVALID')]) {
    await assert.rejects(storeThatFails(error).store.get('a'), (thrown) => thrown === error);
  }
});
