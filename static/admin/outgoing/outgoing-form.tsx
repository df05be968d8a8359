import { useState } from 'react';
import type { OutgoingView } from '../../../src/resolvers/views';
import { call } from '../../shared/call';
import { EditForm } from '../../shared/edit-form';
import { NumberInput, TextBox, TextInput } from '../../shared/fields';
import { flag } from '../../shared/flags';
import { Section } from '../../shared/form-section';
import { FormColumn } from '../../shared/layout';
import { useForm } from '../../shared/use-form';
import { DraftTest } from '../connections/draft-test';
import { formTexts as sharedTexts } from '../connections/form-texts';
import { useCredentials } from '../connections/use-credentials';
import { paths } from '../paths';
import { AccountFields } from './account-fields';
import { formTexts as texts } from './form-texts';
import {
  accountFields,
  type FormContext,
  isOAuth,
  newConnection,
  stepsOf,
  toAccess,
  toDraft,
  toSettings,
  toValues,
  validate,
} from './form-values';
import { ProjectsField } from './projects-field';
import { listTexts } from './texts';

interface Props {
  /** Null to add one. */
  connection: OutgoingView | null;
  /** Loads the connection anew; what was typed is lost. */
  onReload: () => void;
}

export function OutgoingForm({ connection, onReload }: Props) {
  const id = connection?.id ?? null;
  const [context, setContext] = useState<FormContext>({ saved: connection?.settings ?? null, credentials: null });
  const form = useForm(connection ? toValues(connection.settings) : newConnection, (values) =>
    validate(values, context),
  );
  const credentials = useCredentials(isOAuth(form.values));
  if (context.credentials !== credentials.value) setContext({ ...context, credentials: credentials.value });
  const [checkRequests, setCheckRequests] = useState(0);

  const save = async (): Promise<string> => {
    const settings = toSettings(form.values);
    const access = toAccess(form.values);
    if (connection === null) {
      await call('outgoing.create', { settings, ...access });
      flag('success', sharedTexts.created(settings.name), sharedTexts.createdHint);
      return paths.outgoingConnections;
    }
    const { id, version } = connection;
    const { connection: saved, report } = await call('outgoing.update', { id, version, settings, ...access });
    const failed = report?.steps.find((step) => !step.ok);
    if (failed && !saved.enabled)
      flag('error', sharedTexts.savedBut(settings.name, listTexts.disabledStatus), failed.message);
    else flag('success', sharedTexts.saved(settings.name), report ? texts.testedHint : '');
    return paths.outgoingConnections;
  };

  const problems = validate(form.values, context);
  const isComplete = accountFields.every((name) => problems[name] === undefined);
  return (
    <FormColumn>
      <EditForm form={form} texts={sharedTexts} save={save} back={paths.outgoingConnections} onReload={onReload}>
        <Section title={sharedTexts.generalSection}>
          <TextInput field={form.field('name')} label={sharedTexts.name} isRequired />
          <TextBox field={form.field('description')} label={sharedTexts.description} />
        </Section>
        <Section title={texts.senderSection}>
          <TextInput field={form.field('fromName')} label={texts.fromName} hint={texts.fromNameHint} />
          <TextInput
            field={form.field('fromAddress')}
            label={texts.fromAddress}
            hint={texts.fromAddressHint}
            type="email"
            isRequired
          />
          <TextInput field={form.field('prefix')} label={texts.prefix} hint={texts.prefixHint} />
        </Section>
        <AccountFields
          form={form}
          id={id}
          context={context}
          credentials={credentials}
          onCheck={() => setCheckRequests((count) => count + 1)}
        >
          <DraftTest
            form={form}
            fields={accountFields}
            run={() => call('outgoing.test', toDraft(form.values, id))}
            steps={stepsOf(form.values.provider)}
            requests={checkRequests}
            isComplete={isComplete}
          />
        </AccountFields>
        <Section title={texts.projectsSection}>
          <ProjectsField field={form.field('defaultForProjects')} />
        </Section>
        <Section title={sharedTexts.advancedSection}>
          {!isOAuth(form.values) && (
            <TextBox
              field={form.field('privateCa')}
              label={sharedTexts.privateCa}
              hint={sharedTexts.privateCaHint}
              placeholder="-----BEGIN CERTIFICATE-----"
              isMonospaced
            />
          )}
          <NumberInput
            field={form.field('timeoutMs')}
            label={sharedTexts.timeout}
            hint={sharedTexts.timeoutHint}
            min={1}
            max={60_000}
          />
        </Section>
      </EditForm>
    </FormColumn>
  );
}
