import { AppError } from '../domain/app-error';
import { isTenantId, type MicrosoftSettings } from '../domain/credential';
import { hostsOfCloud } from '../domain/oauth-endpoints';
import type { SendTokenRequest } from './token-request';

/** The tenant that all personal accounts belong to. */
const personalAccounts = '9188040d-6c67-4c5b-b112-36a304b66dad';

/**
 * Refuses an account of another organisation than the credential is for.
 * @throws AppError `wrong-tenant`
 */
export async function checkTenant(
  settings: MicrosoftSettings,
  signedIn: unknown,
  send: SendTokenRequest,
): Promise<void> {
  const allowed = typeof signedIn === 'string' && isTenantId(signedIn) && (await belongs(signedIn.toLowerCase()));
  if (allowed) return;
  throw new AppError(
    'wrong-tenant',
    'access',
    `The account that signed in does not belong to the organisation of this credential (tenant “${settings.tenant}”). Authorize again with an account of that organisation.`,
    { step: 'sign-in' },
  );

  async function belongs(tenant: string): Promise<boolean> {
    if (settings.tenant === 'common') return true;
    if (settings.tenant === 'organizations') return tenant !== personalAccounts;
    if (isTenantId(settings.tenant)) return tenant === settings.tenant;
    return tenant === (await idOfDomain());
  }

  /** An id token names tenants by id only; the issuer that a domain's metadata tells holds it. */
  async function idOfDomain(): Promise<string | undefined> {
    const { body } = await send({
      method: 'GET',
      url: `https://${hostsOfCloud(settings.cloud).login}/${settings.tenant}/v2.0/.well-known/openid-configuration`,
      headers: { accept: 'application/json' },
      expects: 'issuer',
    });
    return String(body.issuer).split('/')[3]?.toLowerCase();
  }
}
