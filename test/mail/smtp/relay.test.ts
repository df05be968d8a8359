import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smtpMailer } from '../../../src/mail/smtp/mailer';
import type { SmtpCredentials, SmtpSettings } from '../../../src/mail/smtp/settings';
import { isError } from '../../contract/fetched';

/** Over port 25 servers take mail for their own people from anybody: no sign-in stands between the gateway's users and them. */

interface Attempt {
  credentials?: SmtpCredentials;
  username?: string;
  port?: number;
  allowRelay?: boolean;
}

/** What comes of sending, and whether the server's name was looked up for it. Nothing answers there. */
async function attempt({ credentials = { none: true }, username = '', port = 25, allowRelay }: Attempt) {
  let lookups = 0;
  const resolve = async () => {
    lookups += 1;
    throw new Error('not found');
  };
  const settings: SmtpSettings = {
    ...{ encryption: 'starttls', host: 'mx.example.com', timeoutMs: 1_000, privateCa: '' },
    port,
    username,
  };
  const deps = { resolve, allowPlaintext: false, ...(allowRelay !== undefined && { allowRelay }) };
  const mailer = smtpMailer(settings, credentials, deps);
  const envelope = { from: 'ceo@bank.example', to: ['victim@example.net'] };
  const sending = mailer.send({ messageId: '<a@b>', envelope, raw: Buffer.from('Subject: x\r\n\r\nx\r\n') });
  const error: unknown = await sending.then(
    () => null,
    (thrown) => thrown,
  );
  return { error, lookups, mailer };
}

test('without a sign-in nothing is sent over port 25, and the server is not even looked up', async () => {
  for (const one of [{}, { username: 'alice' }, { credentials: { password: 'secret' } }]) {
    const { error, lookups, mailer } = await attempt(one);
    assert.ok(isError('sign-in-required', 'access', 'sign-in')(error));
    assert.equal(lookups, 0);
    const { ok, steps } = await mailer.check();
    assert.deepEqual([ok, steps.map(({ step }) => step)], [false, ['sign-in']]);
  }
});

test('with a sign-in, by another port, or with the operator’s leave it is tried', async () => {
  const signedIn = { username: 'alice', credentials: { password: 'secret' } };
  for (const one of [signedIn, { port: 587 }, { allowRelay: true }]) {
    const { error, lookups } = await attempt(one);
    assert.equal(lookups, 1);
    assert.ok(!isSignInRequired(error));
  }
});

const isSignInRequired = (error: unknown) => Reflect.get(Object(error), 'code') === 'sign-in-required';
