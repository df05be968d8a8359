import { mailerUse } from '../../../src/domain/oauth-endpoints';
import type { OutgoingView } from '../../../src/resolvers/views';
import { call } from '../../shared/call';
import { EditForm } from '../../shared/edit-form';
import { TextBox, TextInput } from '../../shared/fields';
import { flag } from '../../shared/flags';
import { Section } from '../../shared/form-section';
import { FormColumn } from '../../shared/layout';
import { enteredAccess } from '../account/access';
import { AccountFields, type AccountKind } from '../account/account-fields';
import { isShared } from '../account/account-values';
import { AdvancedFields } from '../account/advanced-fields';
import { DraftTest } from '../account/draft-test';
import { connectionTexts } from '../account/texts';
import { useAccountForm } from '../account/use-account-form';
import { ProjectsField } from '../jira/projects-field';
import { paths } from '../paths';
import { accountTexts, providerChoices, formTexts as texts } from './form-texts';
import { newConnection, senderFields, stepsOf, toDraft, toSettings, toValues, validate } from './form-values';
import { listTexts } from './texts';

const sender: AccountKind = { providers: providerChoices, uses: mailerUse, texts: accountTexts };

interface Props {
  /** Null to add one. */
  connection: OutgoingView | null;
  /** Loads the connection anew; what was typed is lost. */
  onReload: () => void;
}

export function OutgoingForm({ connection, onReload }: Props) {
  const id = connection?.id ?? null;
  const account = useAccountForm(
    connection ? toValues(connection.settings) : newConnection,
    connection?.settings ?? null,
    validate,
  );
  const { form } = account;
  // Mostly people send as the account that they sign in with.
  const sendAs = (fromAddress: string) => {
    if (form.values.fromAddress.trim() === '' && !isShared(form.values)) form.change({ fromAddress });
  };

  const save = async (): Promise<string> => {
    const settings = toSettings(form.values);
    const access = enteredAccess(form.values);
    if (connection === null) {
      await call('outgoing.create', { settings, ...access });
      flag('success', connectionTexts.created(settings.name), connectionTexts.createdHint);
      return paths.outgoingConnections;
    }
    const { id, version } = connection;
    const { connection: saved, report } = await call('outgoing.update', { id, version, settings, ...access });
    const failed = report?.steps.find((step) => !step.ok);
    if (failed && !saved.enabled)
      flag('error', connectionTexts.savedBut(settings.name, listTexts.disabledStatus), failed.message);
    else flag('success', connectionTexts.saved(settings.name), report ? texts.testedHint : '');
    return paths.outgoingConnections;
  };

  return (
    <FormColumn>
      <EditForm form={form} texts={connectionTexts} save={save} back={paths.outgoingConnections} onReload={onReload}>
        <Section title={connectionTexts.generalSection}>
          <TextInput field={form.field('name')} label={connectionTexts.name} isRequired />
          <TextBox field={form.field('description')} label={connectionTexts.description} />
        </Section>
        <Section title={texts.senderSection}>
          <TextInput
            field={form.field('fromAddress')}
            label={texts.fromAddress}
            hint={texts.fromAddressHint}
            type="email"
            isRequired
          />
          <TextInput field={form.field('fromName')} label={texts.fromName} hint={texts.fromNameHint} />
          <TextInput field={form.field('prefix')} label={texts.prefix} hint={texts.prefixHint} />
        </Section>
        <AccountFields {...account} id={id} kind={sender} onAccept={sendAs}>
          <DraftTest
            form={form}
            fields={senderFields}
            run={() => call('outgoing.test', toDraft(form.values, id))}
            steps={stepsOf(form.values.provider)}
            requests={account.checkRequests}
          />
        </AccountFields>
        <Section title={texts.projectsSection}>
          <ProjectsField field={form.field('defaultForProjects')} label={texts.projects} hint={texts.projectsHint} />
        </Section>
        <AdvancedFields form={form} />
      </EditForm>
    </FormColumn>
  );
}
