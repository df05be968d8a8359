import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { tokenRequests } from '../../src/oauth/token-request';
import { redirectingHost } from '../support/redirecting-host';

const request = {
  method: 'POST',
  url: 'https://login.example.com/token',
  headers: {},
  expects: 'access_token',
} as const;

/** What a client makes of an answer that is sent piece by piece, and how many bytes of it were asked for. */
async function readAnswer(piece: Uint8Array, pieces: number) {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent >= pieces * piece.length) return controller.close();
      sent += piece.length;
      return controller.enqueue(piece);
    },
  });
  const send = tokenRequests('google', { fetch: async () => new Response(body), now: Date.now });
  const outcome = await send(request).catch((thrown: unknown) => thrown);
  return { outcome, sent };
}

test('an answer without end is left where it stands, and is no reason to suspend', async () => {
  const { outcome, sent } = await readAnswer(new Uint8Array(64 * 1024).fill(0x20), 10_000);
  assert.ok(outcome instanceof AppError && outcome.code === 'token-endpoint-busy', String(outcome));
  assert.equal(outcome.kind, 'transient');
  assert.ok(sent < 1024 * 1024, `${sent}`);
});

test('an answer of many groups and long tokens is read whole', async () => {
  const answer = { access_token: 'x'.repeat(100_000), id_token: 'y'.repeat(100_000) };
  const { outcome } = await readAnswer(Buffer.from(JSON.stringify(answer)), 1);
  assert.deepEqual(Reflect.get(Object(outcome), 'body'), answer);
});

test('follows no redirect, which would carry the client secret to another host', async (t) => {
  const host = await redirectingHost({ access_token: 'token' });
  t.after(host.stop);
  const send = () => tokenRequests('google', { fetch, now: Date.now })({ ...request, url: `${host.origin}/token` });
  await assert.rejects(send(), { code: 'token-endpoint-unreachable', kind: 'transient' });
  assert.equal(host.followed, 0);
  host.redirects = false;
  assert.deepEqual((await send()).body, { access_token: 'token' });
});
