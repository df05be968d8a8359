import { useState } from 'react';
import type { ConnectionView } from '../../../src/resolvers/views';
import { call } from '../../shared/call';
import { EditForm } from '../../shared/edit-form';
import { flag } from '../../shared/flags';
import { FormColumn } from '../../shared/layout';
import { useForm } from '../../shared/use-form';
import { paths } from '../paths';
import { AdvancedFields, GeneralFields, MailFields, TargetFields } from './connection-fields';
import { DraftTest } from './draft-test';
import { formTexts as texts } from './form-texts';
import {
  type FormContext,
  type FormValues,
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
  const id = connection?.id ?? null;
  const [context, setContext] = useState<FormContext>({ saved: connection?.settings ?? null, credentials: null });
  const form = useForm<FormValues>(connection ? toValues(connection.settings) : newConnection, (values) =>
    validate(values, context),
  );
  const credentials = useCredentials(isOAuth(form.values));
  if (context.credentials !== credentials.value) setContext({ ...context, credentials: credentials.value });
  const [checkRequests, setCheckRequests] = useState(0);

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

  const problems = validate(form.values, context);
  const isComplete = mailboxFields.every((name) => problems[name] === undefined);
  const fields = { form, id, context };
  return (
    <FormColumn>
      <EditForm
        form={form}
        texts={texts}
        save={save}
        back={id === null ? paths.connections : paths.connection(id)}
        onReload={onReload}
      >
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
      </EditForm>
    </FormColumn>
  );
}
