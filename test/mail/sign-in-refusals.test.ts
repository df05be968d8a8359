import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saysAccountDisabled } from '../../src/mail/sign-in-refusals';

for (const words of [
  'Your account is disabled',
  'NO [ALERT] Account disabled',
  '535 5.7.3 Authentication unsuccessful, the user account is disabled',
  "AADSTS50057: The user's account has been turned off",
  '-ERR [SYS/PERM] mailbox has been deactivated',
  'User is disabled',
  'This is a suspended account.',
])
  test(`"${words}" says that the account is disabled`, () => assert.equal(saysAccountDisabled(words), true));

for (const words of [
  'Authentication failed',
  'Your account is locked: too many failed logins',
  'Account temporarily disabled, try again later',
  'IMAP is disabled for your account',
  'Account is disabled for POP3 access',
  '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant',
  '535 5.7.139 Authentication unsuccessful, basic authentication is disabled',
  'The account password has expired and is disabled',
  'LOGIN is disabled before STARTTLS',
  'user account exceeded the limit of connections and was suspended',
])
  test(`"${words}" does not`, () => assert.equal(saysAccountDisabled(words), false));
