import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signingKeyStore } from '../../src/store/signing-key';
import { storageForge } from '../support/storage-forge';

test('an installation makes its key once, and keeps it among its secrets', async () => {
  const forge = await storageForge();
  try {
    const keys = await forge.run(() => Promise.all([signingKeyStore().get(), signingKeyStore().get()]));
    const later = await forge.run(() => signingKeyStore().get());
    assert.deepEqual(new Set([...keys, later]).size, 1);
    assert.ok(Buffer.from(later, 'base64url').length >= 32);
    assert.deepEqual(forge.storage(''), { 'signing-key': '***' });
  } finally {
    await forge.close();
  }
});
