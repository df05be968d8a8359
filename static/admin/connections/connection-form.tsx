import Button from '@atlaskit/button/new';
import { Inline, Stack } from '@atlaskit/primitives';
import { type FormEvent, useState } from 'react';
import type { ConnectionView } from '../../../src/resolvers/contract';
import { call, type PageError, toPageError } from '../../shared/call';
import { flag } from '../../shared/flags';
import { FormColumn } from '../../shared/layout';
import { useLeaveGuard, useRouter } from '../../shared/router';
import { SaveError } from '../../shared/save-error';
import { useForm } from '../../shared/use-form';
import { paths } from '../paths';
import { AdvancedFields, GeneralFields, MailFields, TargetFields } from './connection-fields';
import { DraftTest } from './draft-test';
import { formTexts as texts } from './form-texts';
import {
  type FormContext,
  type FormValues,
  fromServer,
  isOAuth,
  mailboxFields,
  newConnection,
  toAccess,
  toDraft,
  toSettings,
  toValues,
  validate,
} from './form-values';
import { ServerFields } from './server-fields';
import { statusTexts } from './texts';
import { useCredentials } from './use-credentials';

interface Props {
  /** Null to add one. */
  connection: ConnectionView | null;
  /** Loads the connection anew; what was typed is lost. */
  onReload: () => void;
}

export function ConnectionForm({ connection, onReload }: Props) {
  const { navigate } = useRouter();
  const id = connection?.id ?? null;
  const [context, setContext] = useState<FormContext>({ saved: connection?.settings ?? null, credentials: null });
  const form = useForm<FormValues>(connection ? toValues(connection.settings) : newConnection, (values) =>
    validate(values, context),
  );
  const credentials = useCredentials(isOAuth(form.values));
  if (context.credentials !== credentials.value) setContext({ ...context, credentials: credentials.value });
  const [checkRequests, setCheckRequests] = useState(0);
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<PageError | null>(null);
  useLeaveGuard(form.isDirty);

  /** Saves, and returns where to go on. */
  const save = async (): Promise<string> => {
    const settings = toSettings(form.values);
    const access = toAccess(form.values);
    if (connection === null) {
      const created = await call('connections.create', { settings, ...access });
      flag('success', texts.created(settings.name), texts.createdHint);
      return paths.connection(created.id);
    }
    const { version } = connection;
    const { connection: saved, report } = await call('connections.update', {
      id: connection.id,
      version,
      settings,
      ...access,
    });
    const failed = report?.steps.find((step) => !step.ok);
    if (failed) flag('error', texts.savedBut(settings.name, statusTexts[saved.status]), failed.message);
    else flag('success', texts.saved(settings.name), report ? texts.testedHint : '');
    return paths.connection(connection.id);
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isSaving || !form.check()) return;
    setSaving(true);
    setError(null);
    try {
      navigate(await save(), { force: true });
    } catch (thrown) {
      const failure = toPageError(thrown);
      setError(failure);
      form.reject(fromServer(failure.fields));
      setSaving(false);
    }
  };

  const problems = validate(form.values, context);
  const isComplete = mailboxFields.every((name) => problems[name] === undefined);
  const fields = { form, id, context };
  return (
    <FormColumn>
      <form ref={form.ref} noValidate onSubmit={(event) => void submit(event)}>
        <Stack space="space.400">
          <GeneralFields {...fields} />
          <ServerFields {...fields} credentials={credentials} onCheck={() => setCheckRequests((count) => count + 1)}>
            <DraftTest
              form={form}
              fields={mailboxFields}
              run={() => call('connections.test', toDraft(form.values, id))}
              requests={checkRequests}
              isComplete={isComplete}
            />
          </ServerFields>
          <MailFields {...fields} />
          <TargetFields {...fields} />
          <AdvancedFields {...fields} />
          {error && <SaveError error={error} texts={texts} onReload={onReload} />}
          <Inline space="space.100">
            <Button type="submit" appearance="primary" isLoading={isSaving}>
              {texts.save}
            </Button>
            <Button
              appearance="subtle"
              onClick={() => navigate(id === null ? paths.connections : paths.connection(id))}
            >
              {texts.cancel}
            </Button>
          </Inline>
        </Stack>
      </form>
    </FormColumn>
  );
}
