import { AppError } from '../domain/app-error';
import { type OAuthProviderName, secretRefused } from '../domain/credential';

/** Microsoft's error numbers for a client secret that is wrong or has expired. */
const secretNumbers = ['AADSTS7000215', 'AADSTS7000222'];
/** ... and for an application that nobody has agreed to, or that the organisation does not know. */
const consentNumbers = ['AADSTS65001', 'AADSTS90094', 'AADSTS500011'];

/** ... and for a user whose account is disabled. */
const disabledNumber = 'AADSTS50057';

/** What a provider refused (RFC 6749 §4.1.2.1 and §5.2), as an error that tells an administrator what to do. */
export function refusal(provider: OAuthProviderName, status: number, body: Record<string, unknown>): AppError {
  const name = provider === 'google' ? 'Google' : 'Microsoft';
  const error = text(body.error);
  const description = text(body.error_description);
  const detail = description === '' ? error : `${error}: ${description}`;
  const number = /AADSTS\d+/.exec(description)?.[0] ?? '';
  // Google ends what an unpublished application was given after a week, every week.
  const testingHint =
    provider === 'google'
      ? ' If this comes back each week, publish the application at Google: it is still in testing.'
      : '';
  const failed = (code: string, message: string) => new AppError(code, 'access', message, { detail, step: 'sign-in' });

  if (error === 'invalid_client' || secretNumbers.includes(number)) {
    return failed(
      secretRefused,
      `${name} refused the client id or the client secret. The secret may have expired: create a new one at ${name} and enter it in the OAuth2 credential; its connections then go on by themselves.`,
    );
  }
  if (error === 'consent_required' || consentNumbers.includes(number)) {
    return failed(
      'consent-missing',
      `${name} says that nobody has agreed to this access. Authorize again, or ask an administrator of the organisation to grant consent to the application.`,
    );
  }
  if (number === disabledNumber) {
    return failed(
      'account-disabled',
      `${name} says that this account is disabled. Have an administrator of the organisation enable it again, or authorize another account; then enable the connection.`,
    );
  }
  if (error === 'invalid_grant' || error === 'interaction_required' || error === 'login_required') {
    return failed(
      'authorization-expired',
      `${name} no longer accepts the authorization of this mailbox: it was revoked, it expired, or the password changed. Authorize the connection again; it goes on where it stopped.${testingHint}`,
    );
  }
  if (error === 'invalid_scope' || error === 'invalid_resource') {
    return failed(
      'scope-missing',
      `${name} does not let this application ask for access to mail. Add the permissions of the guide to it.`,
    );
  }
  if (error === 'access_denied') {
    return failed(
      'authorization-denied',
      `The sign-in at ${name} was cancelled, or access was not granted. Nothing was changed.`,
    );
  }
  if (error === 'temporarily_unavailable' || error === 'server_error') {
    return new AppError(
      'token-endpoint-busy',
      'transient',
      `${name}'s sign-in service is busy. Letterbox tries again by itself.`,
      { detail },
    );
  }
  return failed(
    'oauth-refused',
    `${name} refused the request${status === 0 ? '' : ` (HTTP ${status})`}. Check the client id, the callback URL and the permissions of the application at ${name}.`,
  );
}

/** Plain text of what the other side sent: one line, without control characters. */
function text(value: unknown): string {
  return typeof value === 'string' ? value.replace(/\p{Cc}+/gu, ' ').trim() : '';
}
