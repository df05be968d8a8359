import type { Cloud } from '../../../src/domain/credential';
import {
  type microsoftSmtpHosts,
  type OutgoingProvider,
  type OutgoingSettings,
  outgoingSettings,
  smtpPorts,
} from '../../../src/domain/outgoing';
import type { CheckStepName } from '../../../src/domain/ports';
import type { Payload } from '../../../src/resolvers/contract';
import type { CredentialView } from '../../../src/resolvers/views';
import { checked } from '../../shared/fields';
import type { FieldErrors } from '../../shared/use-form';
import { formTexts as sharedTexts } from '../connections/form-texts';
import { type AccessContext, isShared, missingAccess } from '../connections/oauth-access';

/** The form's fields as text, named by their paths in the settings where they have one. */
export type FormValues = Record<
  | 'provider'
  | 'name'
  | 'description'
  | 'fromName'
  | 'fromAddress'
  | 'prefix'
  | 'encryption'
  | 'host'
  | 'overridesHost'
  | 'port'
  | 'username'
  | 'password'
  | 'credentialId'
  | 'authorizationId'
  | 'usesShared'
  | 'sharedMailbox'
  | 'timeoutMs'
  | 'privateCa'
  | 'defaultForProjects',
  string
>;

export interface FormContext extends AccessContext {
  saved: OutgoingSettings | null;
}

/** The fields that decide how the server is reached: a test needs no other. */
export const accountFields: readonly (keyof FormValues)[] = [
  'provider',
  'fromAddress',
  'encryption',
  'host',
  'port',
  'username',
  'password',
  'credentialId',
  'authorizationId',
  'usesShared',
  'sharedMailbox',
  'timeoutMs',
  'privateCa',
];

/** A test ends before any mail; a function does not see how a name is looked up and a connection secured. */
export const stepsOf = (provider: string): readonly CheckStepName[] =>
  provider === 'smtp' || provider === 'microsoft-smtp'
    ? ['lookup', 'connect', 'tls', 'sign-in']
    : ['connect', 'sign-in'];

export const newConnection: FormValues = {
  provider: 'smtp',
  name: '',
  description: '',
  fromName: '',
  fromAddress: '',
  prefix: '',
  encryption: 'tls',
  host: '',
  overridesHost: '',
  port: String(smtpPorts.tls),
  username: '',
  password: '',
  credentialId: '',
  authorizationId: '',
  usesShared: '',
  sharedMailbox: '',
  timeoutMs: '10000',
  privateCa: '',
  defaultForProjects: '',
};

export const isOAuth = ({ provider }: Pick<FormValues, 'provider'>) => provider !== 'smtp';

/** The usual port of an encryption; empty where there is none to choose. */
export function usualPort(encryption: string): string {
  return String(Object.entries(smtpPorts).find(([name]) => name === encryption)?.[1] ?? '');
}

const smtpHosts: Record<Cloud, (typeof microsoftSmtpHosts)[number]> = {
  global: 'smtp.office365.com',
  'us-gcc-high': 'smtp.office365.us',
  'us-dod': 'smtp.office365.us',
  china: 'smtp.partner.outlook.cn',
};

/** Exchange Online has another host in each national cloud. */
export function defaultHost(credential: CredentialView | null): string {
  const { settings } = credential ?? {};
  return smtpHosts[settings?.provider === 'microsoft' ? settings.cloud : 'global'];
}

/** Several ids in the one text of a field; ids hold no spaces. */
export const toIds = (text: string): string[] => text.split(' ').filter((id) => id !== '');
export const fromIds = (ids: readonly string[]): string => ids.join(' ');

export function toValues({ defaultForProjects, ...settings }: OutgoingSettings): FormValues {
  const given = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
  return {
    ...newConnection,
    ...given,
    usesShared: given.sharedMailbox ? checked : '',
    defaultForProjects: fromIds(defaultForProjects),
  };
}

// `Number('')` is 0, which would turn a field that was left empty into an odd message about a minimum.
const toNumber = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));

function toInput(values: FormValues): Record<string, unknown> {
  const { provider, name, description, fromName, fromAddress, prefix, username, host, credentialId } = values;
  const common = {
    provider,
    name,
    description,
    fromName,
    fromAddress,
    prefix,
    username,
    timeoutMs: toNumber(values.timeoutMs),
    defaultForProjects: toIds(values.defaultForProjects),
  };
  const sharedMailbox = isShared(values) ? values.sharedMailbox : '';
  const { encryption, port, privateCa } = values;
  const inputs: Record<OutgoingProvider, object> = {
    smtp: { encryption, host, port: toNumber(port), privateCa },
    google: { credentialId },
    'microsoft-smtp': { credentialId, host, sharedMailbox },
    'microsoft-graph': { credentialId, sharedMailbox },
  };
  return { ...common, ...Object.entries(inputs).find(([name]) => name === provider)?.[1] };
}

/** The settings as the server takes them. @throws ZodError unless `validate` found nothing wrong. */
export function toSettings(values: FormValues): OutgoingSettings {
  return outgoingSettings.parse(toInput(values));
}

/** What is wrong with the values. A password or sign-in that is stored for the same account need not be given again. */
export function validate(values: FormValues, context: FormContext): FieldErrors {
  const errors: Record<string, string> = {};
  for (const issue of outgoingSettings.safeParse(toInput(values)).error?.issues ?? []) {
    errors[issue.path.join('.')] ??= issue.message;
  }
  if (isOAuth(values)) return { ...errors, ...missingAccess(values, context) };
  const needsPassword = values.username.trim() !== '' && values.password === '' && !hasPassword(context);
  return { ...errors, ...(needsPassword && { password: sharedTexts.passwordMissing }) };
}

export const hasPassword = ({ saved }: FormContext) => saved?.provider === 'smtp' && saved.username !== '';

/** What the form may sign in with, beside what is stored. */
export function toAccess(values: FormValues): { password?: string; authorizationId?: string } {
  if (!isOAuth(values)) return { password: values.username.trim() === '' ? '' : values.password };
  return values.authorizationId === '' ? {} : { authorizationId: values.authorizationId };
}

/**
 * What a test sends: the account as the form has it, and something harmless in all the other fields, so that it can be
 * tested before the form is complete.
 */
export function toDraft(values: FormValues, id: string | null): Payload<'outgoing.test'> {
  const account = Object.fromEntries(accountFields.map((name) => [name, values[name]]));
  const settings = toSettings({ ...newConnection, ...account, name: '-' });
  return { ...(id !== null && { id }), settings, ...toAccess(values) };
}
