import type { CredentialView } from '../../../src/resolvers/views';
import { call } from '../../shared/call';
import { EditForm } from '../../shared/edit-form';
import { flag } from '../../shared/flags';
import { WithGuide } from '../../shared/layout';
import { useForm } from '../../shared/use-form';
import { CallbackNotice } from '../account/callback-notice';
import { callbackTexts } from '../account/texts';
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
  const isNew = credential === null;
  const form = useForm<FormValues>(credential ? toValues(credential.settings) : newCredential, (values) =>
    validate(values, isNew),
  );

  const save = async (): Promise<string> => {
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
    return paths.credentials;
  };

  return (
    <WithGuide guide={<Guide values={form.values} />}>
      <EditForm form={form} texts={texts} save={save} back={paths.credentials} onReload={onReload}>
        {credential !== null && credential.formerCallbackUrl !== null && (
          <CallbackNotice credentials={[credential]} callbackUrl={callbackUrl}>
            {callbackTexts.thenSave}
          </CallbackNotice>
        )}
        <GeneralFields form={form} isNew={isNew} />
        <ApplicationFields form={form} isNew={isNew} />
        <AddressFields values={form.values} callbackUrl={callbackUrl} />
      </EditForm>
    </WithGuide>
  );
}
