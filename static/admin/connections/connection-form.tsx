import Button from '@atlaskit/button/new';
import { Inline, Stack, Text } from '@atlaskit/primitives';
import SectionMessage, { SectionMessageAction } from '@atlaskit/section-message';
import { type FormEvent, useState } from 'react';
import type { ConnectionView } from '../../../src/resolvers/contract';
import { call, type PageError, toPageError } from '../../shared/call';
import { ConfirmDialog } from '../../shared/confirm-dialog';
import { ErrorNotice } from '../../shared/error-notice';
import { flag } from '../../shared/flags';
import { FormColumn } from '../../shared/layout';
import { useLeaveGuard, useRouter } from '../../shared/router';
import { useForm } from '../../shared/use-form';
import { paths } from '../paths';
import { AdvancedFields, GeneralFields, MailFields, ServerFields, TargetFields } from './connection-fields';
import { DraftTest } from './draft-test';
import { formTexts as texts } from './form-texts';
import { type FormValues, fromServer, newConnection, toSettings, toValues, validate } from './form-values';
import { statusTexts } from './texts';

interface Props {
  /** Null to add one. */
  connection: ConnectionView | null;
  /** Loads the connection anew; what was typed is lost. */
  onReload: () => void;
}

export function ConnectionForm({ connection, onReload }: Props) {
  const { navigate } = useRouter();
  const id = connection?.id ?? null;
  const form = useForm<FormValues>(connection ? toValues(connection.settings) : newConnection, (values) =>
    validate(values, id === null),
  );
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<PageError | null>(null);
  useLeaveGuard(form.isDirty);

  const save = async () => {
    const settings = toSettings(form.values);
    const { password } = form.values;
    if (connection === null) {
      await call('connections.create', { settings, password });
      flag('success', texts.created(settings.name), texts.createdHint);
      return;
    }
    const { version } = connection;
    const { connection: saved, report } = await call('connections.update', {
      id: connection.id,
      version,
      settings,
      password,
    });
    const failed = report?.steps.find((step) => !step.ok);
    if (failed) flag('error', texts.savedBut(settings.name, statusTexts[saved.status]), failed.message);
    else flag('success', texts.saved(settings.name), report ? texts.testedHint : '');
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isSaving || !form.check()) return;
    setSaving(true);
    setError(null);
    try {
      await save();
      navigate(paths.connections, { force: true });
    } catch (thrown) {
      const failure = toPageError(thrown);
      setError(failure);
      form.reject(fromServer(failure.fields));
      setSaving(false);
    }
  };

  return (
    <FormColumn>
      <form ref={form.ref} noValidate onSubmit={(event) => void submit(event)}>
        <Stack space="space.400">
          <GeneralFields form={form} id={id} />
          <ServerFields form={form} id={id}>
            <DraftTest form={form} id={id} />
          </ServerFields>
          <MailFields form={form} id={id} />
          <TargetFields form={form} id={id} />
          <AdvancedFields form={form} id={id} />
          {error && <SaveError error={error} onReload={onReload} />}
          <Inline space="space.100">
            <Button type="submit" appearance="primary" isLoading={isSaving}>
              {texts.save}
            </Button>
            <Button appearance="subtle" onClick={() => navigate(paths.connections)}>
              {texts.cancel}
            </Button>
          </Inline>
        </Stack>
      </form>
    </FormColumn>
  );
}

function SaveError({ error, onReload }: { error: PageError; onReload: () => void }) {
  const [isAsking, setAsking] = useState(false);
  if (error.code !== 'stale-version') return <ErrorNotice title={texts.saveFailed} error={error} />;
  return (
    <div role="alert">
      <SectionMessage
        appearance="warning"
        title={texts.staleTitle}
        actions={[
          <SectionMessageAction key="reload" onClick={() => setAsking(true)}>
            {texts.reload}
          </SectionMessageAction>,
        ]}
      >
        <Text as="p">{texts.staleText}</Text>
      </SectionMessage>
      <ConfirmDialog
        isOpen={isAsking}
        title={texts.reloadTitle}
        confirmLabel={texts.reloadConfirm}
        appearance="warning"
        onConfirm={onReload}
        onCancel={() => setAsking(false)}
      >
        {texts.reloadQuestion}
      </ConfirmDialog>
    </div>
  );
}
