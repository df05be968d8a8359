import { type OutgoingSettings, outgoingSettings } from '../../../src/domain/outgoing';
import type { CheckStepName } from '../../../src/domain/ports';
import type { Payload } from '../../../src/resolvers/contract';
import { checked } from '../../shared/fields';
import { problemsOf, toTexts } from '../../shared/form-input';
import type { FieldErrors } from '../../shared/use-form';
import { type AccessContext, enteredAccess, missingAccess } from '../account/access';
import { type AccountValues, accountFields, accountInput, newAccount } from '../account/account-values';
import { fromIds, toIds } from '../jira/project-ids';

/** The form's fields as text, named by their paths in the settings where they have one. */
export type FormValues = AccountValues &
  Record<'name' | 'description' | 'fromName' | 'fromAddress' | 'prefix' | 'defaultForProjects', string>;

/** The fields that decide how the server is reached: a test needs no other. */
export const senderFields: readonly (keyof FormValues)[] = [...accountFields, 'fromAddress'];

/** A test ends before any mail; a function does not see how a name is looked up and a connection secured. */
export const stepsOf = (provider: string): readonly CheckStepName[] =>
  provider === 'smtp' || provider === 'microsoft-smtp'
    ? ['lookup', 'connect', 'tls', 'sign-in']
    : ['connect', 'sign-in'];

export const newConnection: FormValues = {
  ...newAccount('smtp'),
  name: '',
  description: '',
  fromName: '',
  fromAddress: '',
  prefix: '',
  defaultForProjects: '',
};

export function toValues({ defaultForProjects, ...settings }: OutgoingSettings): FormValues {
  return {
    ...newConnection,
    ...toTexts(settings),
    usesShared: 'sharedMailbox' in settings && settings.sharedMailbox !== '' ? checked : '',
    defaultForProjects: fromIds(defaultForProjects),
  };
}

function toInput(values: FormValues): Record<string, unknown> {
  const { name, description, fromName, fromAddress, prefix } = values;
  const defaultForProjects = toIds(values.defaultForProjects);
  return { ...accountInput(values), name, description, fromName, fromAddress, prefix, defaultForProjects };
}

/** The settings as the server takes them. @throws ZodError unless `validate` found nothing wrong. */
export function toSettings(values: FormValues): OutgoingSettings {
  return outgoingSettings.parse(toInput(values));
}

/** What is wrong with the values: field name → message. */
export function validate(values: FormValues, context: AccessContext): FieldErrors {
  return { ...problemsOf(outgoingSettings, toInput(values)), ...missingAccess(values, context) };
}

/**
 * What a test sends: the account as the form has it, and something harmless in all the other fields, so that it can be
 * tested before the form is complete.
 */
export function toDraft(values: FormValues, id: string | null): Payload<'outgoing.test'> {
  const account = Object.fromEntries(senderFields.map((name) => [name, values[name]]));
  const settings = toSettings({ ...newConnection, ...account, name: '-' });
  return { ...(id !== null && { id }), settings, ...enteredAccess(values) };
}
