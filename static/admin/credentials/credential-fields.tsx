import { CopyField } from '../../shared/copy-field';
import { ChoiceInput, TextInput } from '../../shared/fields';
import { Section } from '../../shared/form-section';
import type { Form } from '../../shared/use-form';
import { endpoints, type FormValues } from './form-values';
import { cloudChoices, grantChoices, providerChoices, formTexts as texts } from './texts';

interface Props {
  form: Form<FormValues>;
  isNew: boolean;
}

export function GeneralFields({ form }: Props) {
  const isMicrosoft = form.values.provider === 'microsoft';
  return (
    <Section title={texts.generalSection}>
      <TextInput field={form.field('name')} label={texts.name} isRequired />
      <ChoiceInput field={form.field('provider')} label={texts.provider} choices={providerChoices} isRequired />
      {isMicrosoft && (
        <ChoiceInput
          field={form.field('grant')}
          label={texts.grant}
          hint={texts.grantHint}
          choices={grantChoices}
          isRequired
        />
      )}
      {isMicrosoft && <ChoiceInput field={form.field('cloud')} label={texts.cloud} choices={cloudChoices} isRequired />}
    </Section>
  );
}

export function ApplicationFields({ form, isNew }: Props) {
  const { provider, grant } = form.values;
  const isMicrosoft = provider === 'microsoft';
  const secretHint = isMicrosoft ? texts.secretMicrosoft : '';
  return (
    <Section title={texts.applicationSection}>
      {isMicrosoft && (
        <TextInput
          field={form.field('tenant')}
          label={texts.tenant}
          hint={grant === 'client-credentials' ? texts.tenantHintApplication : texts.tenantHint}
          isRequired
        />
      )}
      <TextInput
        field={form.field('clientId')}
        label={texts.clientId}
        {...(isMicrosoft && { hint: texts.clientIdMicrosoft })}
        isRequired
      />
      <TextInput
        field={form.field('clientSecret')}
        label={texts.clientSecret}
        type="password"
        autoComplete="new-password"
        isRequired={isNew}
        hint={isNew ? secretHint : texts.secretKept}
      />
      <TextInput field={form.field('secretExpiresOn')} label={texts.expiresOn} hint={texts.expiresHint} type="date" />
    </Section>
  );
}

/** What follows from the fields above, for the provider's console. */
export function AddressFields({ values, callbackUrl }: { values: FormValues; callbackUrl: string }) {
  const { authorization, token } = endpoints(values);
  const isPerson = values.provider === 'google' || values.grant === 'authorization-code';
  return (
    <Section title={texts.endpointSection}>
      {isPerson && <CopyField label={texts.callbackUrl} value={callbackUrl} hint={texts.callbackHint} />}
      {isPerson && <CopyField label={texts.authorizationEndpoint} value={authorization} />}
      <CopyField label={texts.tokenEndpoint} value={token} />
    </Section>
  );
}
