import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal } from '../../src/oauth/refusal';

const codeOf = (error: string, description: string) =>
  refusal('microsoft', 400, { error, error_description: description }).code;

test('an account that Microsoft calls disabled is told as such; other ends of a grant are not', () => {
  assert.equal(codeOf('invalid_grant', 'AADSTS50057: The user account is disabled.'), 'account-disabled');
  assert.equal(codeOf('invalid_grant', 'AADSTS700082: The refresh token has expired.'), 'authorization-expired');
  assert.equal(codeOf('invalid_grant', 'AADSTS50173: The grant has been revoked.'), 'authorization-expired');
  assert.equal(codeOf('invalid_client', 'AADSTS7000222: The secret has expired.'), 'client-secret-refused');
});
