import { useState } from 'react';
import { type FieldErrors, type Form, useForm } from '../../shared/use-form';
import type { AccessContext } from './access';
import { type AccountValues, isOAuth } from './account-values';
import { type CredentialList, useCredentials } from './use-credentials';

export interface AccountForm<V extends AccountValues> {
  form: Form<V>;
  context: AccessContext;
  credentials: CredentialList;
  /** Grows with each time that the form itself asks for a test. */
  checkRequests: number;
  /** Tests the account when the form is rendered next. */
  onCheck: () => void;
}

/**
 * The state of a form of a connection.
 * @param saved its stored settings; null for a new one. @param validate says what is wrong with the values: field name → message.
 */
export function useAccountForm<V extends AccountValues>(
  initial: V,
  saved: AccessContext['saved'],
  validate: (values: V, context: AccessContext) => FieldErrors,
): AccountForm<V> {
  const [context, setContext] = useState<AccessContext>({ saved, credentials: null });
  const form = useForm(initial, (values) => validate(values, context));
  const credentials = useCredentials(isOAuth(form.values));
  if (context.credentials !== credentials.value) setContext({ ...context, credentials: credentials.value });
  const [checkRequests, setCheckRequests] = useState(0);
  return { form, context, credentials, checkRequests, onCheck: () => setCheckRequests((count) => count + 1) };
}
