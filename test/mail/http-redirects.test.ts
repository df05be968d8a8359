import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { httpApi } from '../../src/mail/http';
import { redirectingHost } from '../support/redirecting-host';

test('follows no redirect, which would carry the token to another host', async (t) => {
  const host = await redirectingHost({ id: 'one' });
  t.after(host.stop);
  const options = { name: 'Gmail', origin: host.origin, timeoutMs: 10_000, explain: () => null };
  const api = httpApi(options, { fetch, getAccessToken: async () => 'token', now: Date.now });
  const ask = () => api.json({ path: '/messages' }, z.object({ id: z.string() }));
  await assert.rejects(ask(), { code: 'unreachable', kind: 'transient' });
  assert.equal(host.followed, 0);
  host.redirects = false;
  assert.deepEqual(await ask(), { id: 'one' });
});
