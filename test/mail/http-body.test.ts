import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBody } from '../../src/mail/http-body';

/** A response whose body comes in the given pieces; `cancelled` tells whether the rest was refused. */
function respond(pieces: readonly string[], headers: Record<string, string> = {}) {
  const state = { cancelled: false };
  const waiting = [...pieces];
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const next = waiting.shift();
      if (next === undefined) controller.close();
      else controller.enqueue(Buffer.from(next));
    },
    cancel: () => {
      state.cancelled = true;
    },
  });
  return { response: new Response(body, { headers }), state };
}

const text = (body: Uint8Array | null) => (body === null ? null : Buffer.from(body).toString());

test('a body comes whole, in one piece or in several', async () => {
  for (const pieces of [['hello'], ['he', 'l', 'lo'], []]) {
    const { response } = respond(pieces);
    assert.equal(text((await readBody(response, 100, () => undefined)).body), pieces.join(''));
  }
});

test('a body of the very size that is allowed comes; one byte more is dropped while it arrives', async () => {
  const fits = respond(['12345', '67890']);
  assert.equal(text((await readBody(fits.response, 10, () => undefined)).body), '1234567890');
  const longer = respond(['12345', '67890', '1', 'and so on']);
  assert.deepEqual(await readBody(longer.response, 10, () => undefined), { body: null, size: 11 });
  assert.equal(longer.state.cancelled, true);
});

test('a body that announces too much is not read at all', async () => {
  const { response, state } = respond(['x'], { 'content-length': '900000000' });
  assert.deepEqual(await readBody(response, 10, () => undefined), { body: null, size: 900_000_000 });
  assert.equal(state.cancelled, true);
});

test('a body shorter than announced is an error; a compressed one is not measured', async () => {
  await assert.rejects(
    readBody(respond(['half'], { 'content-length': '8' }).response, 100, () => undefined),
    /ended after 4 of 8/,
  );
  const compressed = respond(['unpacked'], { 'content-length': '5', 'content-encoding': 'gzip' });
  assert.equal(text((await readBody(compressed.response, 100, () => undefined)).body), 'unpacked');
});
