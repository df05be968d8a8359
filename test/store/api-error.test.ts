import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ForgeKvsAPIError } from '@forge/kvs';
import { AppError } from '../../src/domain/app-error';
import { addedOnce, withStoreErrors, writtenIf } from '../../src/store/api-error';

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

const conditional = (refused: unknown, stored: unknown, written?: unknown) =>
  writtenIf({
    write: () => Promise.reject(refused),
    read: async () => stored,
    expects: (found) => JSON.stringify(found) === '{"version":1}',
    ...(written !== undefined && { written }),
  });

for (const status of [400, 409, 412, 422]) {
  test(`reads again after ${status}: another version is a conflict, whatever the code`, async () => {
    assert.equal(await conditional(refusal(status), { version: 2 }), false);
    assert.equal(await conditional(refusal(status), undefined), false, 'a record that is gone');
    assert.equal(await conditional(refusal(status), { version: 2, a: 1 }, { version: 2, a: 2 }), false);
    assert.equal(await conditional(refusal(status), { version: 2, a: 1 }, { version: 2, a: 1, b: undefined }), true);
  });
}

test('a refusal while the condition holds is no conflict, and neither is a limit or an outage', async () => {
  for (const error of [refusal(400), refusal(413), refusal(403)]) {
    await assert.rejects(conditional(error, { version: 1 }), (thrown) => thrown === error);
  }
  for (const error of [refusal(429), refusal(500), new TypeError('fetch failed')]) {
    await assert.rejects(conditional(error, { version: 2 }), (thrown) => thrown === error);
  }
});

test('a key that could not be added was there before, or was refused for itself', async () => {
  const add = (status: number, held: unknown) =>
    addedOnce(
      () => Promise.reject(refusal(status)),
      async () => held,
    );
  assert.equal(await add(409, undefined), false, 'released since');
  assert.equal(await add(400, true), false);
  await assert.rejects(add(400, undefined), ForgeKvsAPIError);
});

test("passes on errors of ours and the storage's refusals as they are", async () => {
  for (const error of [new AppError('stale-version', 'input', 'Changed.'), refusal(400, 'INVALID')]) {
    await assert.rejects(storeThatFails(error).store.get('a'), (thrown) => thrown === error);
  }
});
