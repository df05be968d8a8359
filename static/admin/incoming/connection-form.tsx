import type { ConnectionView } from '../../../src/resolvers/views';
import { call } from '../../shared/call';
import { EditForm } from '../../shared/edit-form';
import { NumberInput } from '../../shared/fields';
import { flag } from '../../shared/flags';
import { FormColumn } from '../../shared/layout';
import { enteredAccess } from '../account/access';
import { AdvancedFields } from '../account/advanced-fields';
import { DraftTest } from '../account/draft-test';
import { connectionTexts } from '../account/texts';
import { useAccountForm } from '../account/use-account-form';
import { paths } from '../paths';
import { GeneralFields, MailFields, TargetFields } from './connection-fields';
import { formTexts as texts } from './form-texts';
import { mailboxFields, newConnection, toDraft, toSettings, toValues, validate } from './form-values';
import { MailboxFields } from './mailbox-fields';
import { sharedTexts, statusTexts } from './texts';

interface Props {
  /** Null to add one. */
  connection: ConnectionView | null;
  /** Loads the connection anew; what was typed is lost. */
  onReload: () => void;
}

export function ConnectionForm({ connection, onReload }: Props) {
  const id = connection?.id ?? null;
  const account = useAccountForm(
    connection ? toValues(connection.settings) : newConnection,
    connection?.settings ?? null,
    validate,
  );
  const { form, context } = account;

  /** Saves, and returns where to go on. */
  const save = async (): Promise<string> => {
    const settings = toSettings(form.values);
    const access = enteredAccess(form.values);
    if (connection === null) {
      const created = await call('connections.create', { settings, ...access });
      flagSaved(connectionTexts.created(settings.name), connectionTexts.createdHint, created);
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
    if (failed) flag('error', connectionTexts.savedBut(settings.name, statusTexts[saved.status]), failed.message);
    else flagSaved(connectionTexts.saved(settings.name), report ? texts.testedHint : '', saved);
    return paths.connection(connection.id);
  };

  const fields = { form, id, context };
  return (
    <FormColumn>
      <EditForm
        form={form}
        texts={connectionTexts}
        save={save}
        back={id === null ? paths.connections : paths.connection(id)}
        onReload={onReload}
      >
        <GeneralFields {...fields} />
        <MailboxFields account={account} id={id}>
          <DraftTest
            form={form}
            fields={mailboxFields}
            run={() => call('connections.test', toDraft(form.values, id))}
            requests={account.checkRequests}
          />
        </MailboxFields>
        <MailFields {...fields} />
        <TargetFields {...fields} />
        <AdvancedFields form={form}>
          <NumberInput
            field={form.field('largestMailMb')}
            label={texts.largest}
            hint={texts.largestHint}
            min={1}
            max={50}
          />
        </AdvancedFields>
      </EditForm>
    </FormColumn>
  );
}

/** What was saved works as it stands, but each mail may become an issue of another connection too. */
function flagSaved(title: string, hint: string, { alsoReadBy }: ConnectionView): void {
  if (alsoReadBy.length === 0) flag('success', title, hint);
  else flag('warning', title, `${hint} ${sharedTexts.warning(alsoReadBy.map(({ name }) => name))}`.trim());
}
