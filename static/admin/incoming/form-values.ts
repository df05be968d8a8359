import { type ConnectionSettings, connectionSettings } from '../../../src/domain/connection';
import type { Payload } from '../../../src/resolvers/contract';
import { checked } from '../../shared/fields';
import { problemsOf, toNumber, toTexts } from '../../shared/form-input';
import type { FieldErrors } from '../../shared/use-form';
import { type AccessContext, enteredAccess, missingAccess } from '../account/access';
import { type AccountValues, accountFields, accountInput, newAccount } from '../account/account-values';

/** The form's fields as text, named by their paths in the settings where they have one. */
export type FormValues = AccountValues &
  Record<
    | 'name'
    | 'description'
    | 'folder'
    | 'intervalMinutes'
    | 'afterDownload'
    | 'moveTo'
    | 'largestMailMb'
    | 'target.projectId'
    | 'target.issueTypeId',
    string
  >;

/** The fields that decide how the mailbox is reached: a test needs no other. */
export const mailboxFields: readonly (keyof FormValues)[] = [...accountFields, 'folder'];

export const newConnection: FormValues = {
  ...newAccount('imap'),
  name: '',
  description: '',
  folder: '',
  intervalMinutes: '1',
  afterDownload: 'mark-read',
  moveTo: '',
  largestMailMb: '25',
  'target.projectId': '',
  'target.issueTypeId': '',
};

export function toValues({ target, ...settings }: ConnectionSettings): FormValues {
  return {
    ...newConnection,
    ...toTexts(settings),
    usesShared: 'sharedMailbox' in settings && settings.sharedMailbox !== '' ? checked : '',
    'target.projectId': target.projectId,
    'target.issueTypeId': target.issueTypeId,
  };
}

function toInput(values: FormValues): Record<string, unknown> {
  const { provider, name, description, afterDownload, folder, moveTo } = values;
  return {
    ...accountInput(values),
    name,
    description,
    afterDownload,
    intervalMinutes: toNumber(values.intervalMinutes),
    largestMailMb: toNumber(values.largestMailMb),
    target: { projectId: values['target.projectId'], issueTypeId: values['target.issueTypeId'] },
    ...(provider !== 'pop3' && { folder, moveTo }),
  };
}

/** The settings as the server takes them. @throws ZodError unless `validate` found nothing wrong. */
export function toSettings(values: FormValues): ConnectionSettings {
  return connectionSettings.parse(toInput(values));
}

/** What is wrong with the values: field name → message. */
export function validate(values: FormValues, context: AccessContext): FieldErrors {
  return { ...problemsOf(connectionSettings, toInput(values)), ...missingAccess(values, context) };
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
  return { ...(id !== null && { id }), settings, ...enteredAccess(values) };
}
