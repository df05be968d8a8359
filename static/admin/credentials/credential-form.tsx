import Button from '@atlaskit/button/new';
import { Inline, Stack } from '@atlaskit/primitives';
import { type FormEvent, useState } from 'react';
import type { CredentialView } from '../../../src/resolvers/contract';
import { call, type PageError, toPageError } from '../../shared/call';
import { flag } from '../../shared/flags';
import { WithGuide } from '../../shared/layout';
import { useLeaveGuard, useRouter } from '../../shared/router';
import { SaveError } from '../../shared/save-error';
import { useForm } from '../../shared/use-form';
import { paths } from '../paths';
import { AddressFields, ApplicationFields, GeneralFields } from './credential-fields';
import { type FormValues, newCredential, toSettings, toValues, validate } from './form-values';
import { Guide } from './guide';
import { formTexts as texts } from './texts';

interface Props {
  /** Null to add one. */
  credential: CredentialView | null;
  callbackUrl: string;
  /** Loads the credential anew; what was typed is lost. */
  onReload: () => void;
}

export function CredentialForm({ credential, callbackUrl, onReload }: Props) {
  const { navigate } = useRouter();
  const isNew = credential === null;
  const form = useForm<FormValues>(credential ? toValues(credential.settings) : newCredential, (values) =>
    validate(values, isNew),
  );
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<PageError | null>(null);
  useLeaveGuard(form.isDirty);

  const save = async () => {
    const settings = toSettings(form.values);
    const { clientSecret } = form.values;
    if (credential === null) {
      await call('credentials.create', { settings, clientSecret });
      flag('success', texts.created(settings.name), texts.createdHint);
    } else {
      const { id, version } = credential;
      await call('credentials.update', { id, version, settings, clientSecret });
      flag('success', texts.saved(settings.name), texts.savedHint);
    }
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isSaving || !form.check()) return;
    setSaving(true);
    setError(null);
    try {
      await save();
      navigate(paths.credentials, { force: true });
    } catch (thrown) {
      const failure = toPageError(thrown);
      setError(failure);
      const fields = Object.entries(failure.fields);
      form.reject(Object.fromEntries(fields.map(([path, message]) => [path.replace(/^settings\./, ''), message])));
      setSaving(false);
    }
  };

  return (
    <WithGuide guide={<Guide values={form.values} />}>
      <form ref={form.ref} noValidate onSubmit={(event) => void submit(event)}>
        <Stack space="space.400">
          <GeneralFields form={form} isNew={isNew} />
          <ApplicationFields form={form} isNew={isNew} />
          <AddressFields values={form.values} callbackUrl={callbackUrl} />
          {error && <SaveError error={error} texts={texts} onReload={onReload} />}
          <Inline space="space.100">
            <Button type="submit" appearance="primary" isLoading={isSaving}>
              {texts.save}
            </Button>
            <Button appearance="subtle" onClick={() => navigate(paths.credentials)}>
              {texts.cancel}
            </Button>
          </Inline>
        </Stack>
      </form>
    </WithGuide>
  );
}
