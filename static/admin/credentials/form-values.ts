import { type CredentialSettings, clouds, credentialSettings } from '../../../src/domain/credential';
import { endpointsOf, type OAuthEndpoints } from '../../../src/domain/oauth-endpoints';
import { problemsOf } from '../../shared/form-input';
import type { FieldErrors } from '../../shared/use-form';
import { formTexts } from './texts';

/** The form's fields as text, named by their paths in the settings. */
export type FormValues = Record<
  'name' | 'provider' | 'grant' | 'cloud' | 'tenant' | 'clientId' | 'clientSecret' | 'secretExpiresOn',
  string
>;

export const newCredential: FormValues = {
  name: '',
  provider: 'google',
  grant: 'authorization-code',
  cloud: 'global',
  tenant: '',
  clientId: '',
  clientSecret: '',
  secretExpiresOn: '',
};

export function toValues(settings: CredentialSettings): FormValues {
  return { ...newCredential, ...settings };
}

function toInput({ clientSecret: _, provider, grant, cloud, tenant, ...texts }: FormValues): Record<string, unknown> {
  return provider === 'google' ? { ...texts, provider } : { ...texts, provider, grant, cloud, tenant };
}

/** The settings as the server takes them. @throws ZodError unless `validate` found nothing wrong. */
export function toSettings(values: FormValues): CredentialSettings {
  return credentialSettings.parse(toInput(values));
}

/** What is wrong with the values; a new credential needs a secret, an edited one may keep its own. */
export function validate(values: FormValues, isNew: boolean): FieldErrors {
  const isMissing = isNew && values.clientSecret === '';
  return {
    ...problemsOf(credentialSettings, toInput(values)),
    ...(isMissing && { clientSecret: formTexts.secretMissing }),
  };
}

/** Where people sign in and tokens come from; a tenant that is not entered yet is named as such. */
export function endpoints({ provider, cloud, tenant }: FormValues): OAuthEndpoints {
  const common = { name: '', clientId: '', secretExpiresOn: '', grant: 'authorization-code' } as const;
  if (provider === 'google') return endpointsOf({ ...common, provider });
  return endpointsOf({
    ...common,
    provider: 'microsoft',
    cloud: clouds.find((name) => name === cloud) ?? 'global',
    tenant: tenant.trim().toLowerCase() || '{tenant}',
  });
}
