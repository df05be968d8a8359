import { type ConnectionSettings, connectionSettings, imapPorts, pop3Ports } from '../../../src/domain/connection';
import type { Payload } from '../../../src/resolvers/contract';
import { checked } from '../../shared/fields';
import type { FieldErrors } from '../../shared/use-form';
import { formTexts as texts } from './form-texts';
import { type AccessContext, isShared, missingAccess } from './oauth-access';

/** The form's fields as text, named by their paths in the settings where they have one. */
export type FormValues = Record<
  | 'provider'
  | 'name'
  | 'description'
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
  | 'folder'
  | 'intervalMinutes'
  | 'afterDownload'
  | 'moveTo'
  | 'timeoutMs'
  | 'largestMailMb'
  | 'privateCa'
  | 'target.projectId'
  | 'target.issueTypeId',
  string
>;
export type FieldName = keyof FormValues;

export interface FormContext extends AccessContext {
  saved: ConnectionSettings | null;
}

/** The fields that decide how the mailbox is reached: a test needs no other. */
export const mailboxFields: readonly FieldName[] = [
  'provider',
  'encryption',
  'host',
  'port',
  'username',
  'password',
  'credentialId',
  'authorizationId',
  'usesShared',
  'sharedMailbox',
  'folder',
  'timeoutMs',
  'privateCa',
];

export const newConnection: FormValues = {
  provider: 'imap',
  name: '',
  description: '',
  encryption: 'tls',
  host: '',
  overridesHost: '',
  port: String(imapPorts.tls),
  username: '',
  password: '',
  credentialId: '',
  authorizationId: '',
  usesShared: '',
  sharedMailbox: '',
  folder: '',
  intervalMinutes: '1',
  afterDownload: 'mark-read',
  moveTo: '',
  timeoutMs: '10000',
  largestMailMb: '25',
  privateCa: '',
  'target.projectId': '',
  'target.issueTypeId': '',
};

const oauthProviders: readonly string[] = ['google', 'microsoft-imap', 'microsoft-graph'];
export const isOAuth = ({ provider }: Pick<FormValues, 'provider'>) => oauthProviders.includes(provider);

/** The usual port of a provider and encryption; empty where there is none to choose. */
export function usualPort({ provider, encryption }: Pick<FormValues, 'provider' | 'encryption'>): string {
  const ports = Object.entries(provider === 'pop3' ? pop3Ports : imapPorts);
  return String(ports.find(([name]) => name === encryption)?.[1] ?? '');
}

export function toValues({ target, ...settings }: ConnectionSettings): FormValues {
  const given = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
  return {
    ...newConnection,
    ...given,
    usesShared: given.sharedMailbox ? checked : '',
    'target.projectId': target.projectId,
    'target.issueTypeId': target.issueTypeId,
  };
}

// `Number('')` is 0, which would turn a field that was left empty into an odd message about a minimum.
const toNumber = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));

function toInput(values: FormValues): Record<string, unknown> {
  const { provider, name, description, afterDownload, folder, moveTo, username, host, credentialId } = values;
  const common = {
    provider,
    name,
    description,
    afterDownload,
    username,
    intervalMinutes: toNumber(values.intervalMinutes),
    timeoutMs: toNumber(values.timeoutMs),
    largestMailMb: toNumber(values.largestMailMb),
    target: { projectId: values['target.projectId'], issueTypeId: values['target.issueTypeId'] },
  };
  const { encryption, port, privateCa } = values;
  const server = { encryption, host, port: toNumber(port), privateCa };
  const folders = { folder, moveTo };
  const sharedMailbox = isShared(values) ? values.sharedMailbox : '';
  switch (provider) {
    case 'pop3':
      return { ...common, ...server };
    case 'google':
      return { ...common, ...folders, credentialId };
    case 'microsoft-imap':
      return { ...common, ...folders, credentialId, host, sharedMailbox };
    case 'microsoft-graph':
      return { ...common, ...folders, credentialId, sharedMailbox };
    default:
      return { ...common, ...folders, ...server };
  }
}

/** The settings as the server takes them. @throws ZodError unless `validate` found nothing wrong. */
export function toSettings(values: FormValues): ConnectionSettings {
  return connectionSettings.parse(toInput(values));
}

/** What is wrong with the values. A password or sign-in that is stored for the same account need not be given again. */
export function validate(values: FormValues, context: FormContext): FieldErrors {
  const errors: Record<string, string> = {};
  for (const issue of connectionSettings.safeParse(toInput(values)).error?.issues ?? []) {
    errors[issue.path.join('.')] ??= issue.message;
  }
  const hasPassword = context.saved !== null && !('credentialId' in context.saved);
  if (!isOAuth(values)) {
    if (!hasPassword && values.password === '') errors.password = texts.passwordMissing;
    return errors;
  }
  return { ...errors, ...missingAccess(values, context) };
}

/** What the form may sign in with, beside what is stored. */
export function toAccess(values: FormValues): { password?: string; authorizationId?: string } {
  if (!isOAuth(values)) return { password: values.password };
  return values.authorizationId === '' ? {} : { authorizationId: values.authorizationId };
}

/**
 * What a test or a look at the folders sends: the mailbox as the form has it, and something harmless in all the other
 * fields, so that a mailbox can be tested before the form is complete.
 */
export function toDraft(values: FormValues, id: string | null): Payload<'connections.test'> {
  const settings = toSettings({
    ...newConnection,
    ...Object.fromEntries(mailboxFields.map((name) => [name, values[name]])),
    name: '-',
    'target.projectId': '-',
    'target.issueTypeId': '-',
  });
  return { ...(id !== null && { id }), settings, ...toAccess(values) };
}
