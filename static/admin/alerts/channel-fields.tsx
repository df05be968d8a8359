import type { ReactNode } from 'react';
import { needsConsent } from '../../../src/domain/webhook-address';
import type { AlertView, OutgoingView } from '../../../src/resolvers/views';
import { ChoiceInput, TextBox, TextInput } from '../../shared/fields';
import { Section } from '../../shared/form-section';
import type { Form } from '../../shared/use-form';
import { type FormValues, hostOfForm } from './form-values';
import { channelChoices, regionChoices, formTexts as texts } from './texts';

interface Props {
  form: Form<FormValues>;
  /** Null for a rule that was never saved. */
  saved: AlertView | null;
  outgoing: readonly OutgoingView[];
}

/** How people are told, and what that takes. */
export function ChannelFields({ children, ...props }: Props & { children: ReactNode }) {
  const { form } = props;
  const type = form.field('type');
  return (
    <Section title={texts.channelSection}>
      <ChoiceInput
        // A secret of another channel means nothing to this one.
        field={{ ...type, onChange: (chosen) => form.change({ type: chosen, url: '', apiKey: '', headerValue: '' }) }}
        label={texts.channel}
        choices={channelChoices}
        isRequired
      />
      <Fields {...props} />
      {children}
    </Section>
  );
}

function Fields(props: Props) {
  const { form, saved } = props;
  switch (form.values.type) {
    case 'email':
      return <EmailFields {...props} />;
    case 'opsgenie':
      return <OpsgenieFields form={form} saved={saved} />;
    case 'webhook':
      return (
        <>
          <UrlField form={form} saved={saved} />
          <HeaderFields form={form} saved={saved} />
        </>
      );
    default:
      return <UrlField form={form} saved={saved} />;
  }
}

function EmailFields({ form, outgoing }: Props) {
  const field = form.field('outgoingId');
  const known = outgoing.map(({ id, enabled, settings: { name } }) => ({
    value: id,
    label: enabled ? name : texts.outgoingDisabled(name),
  }));
  const isGone = field.value !== '' && !known.some(({ value }) => value === field.value);
  const choices = isGone ? [...known, { value: field.value, label: texts.outgoingGone }] : known;
  return (
    <>
      <ChoiceInput
        field={field}
        label={texts.outgoing}
        hint={outgoing.length === 0 ? texts.outgoingNone : texts.outgoingHint}
        choices={choices}
        isRequired
      />
      <TextBox field={form.field('recipients')} label={texts.recipients} hint={texts.recipientsHint} isRequired />
    </>
  );
}

type SecretProps = Omit<Props, 'outgoing'>;

/** Whether what is stored belongs to the channel that is chosen. */
const isKept = ({ form, saved }: SecretProps) => saved?.settings.channel.type === form.values.type;

function UrlField({ form, saved }: SecretProps) {
  const host = hostOfForm(form.values, saved);
  const isStored = isKept({ form, saved });
  const kept = isStored && form.values.url === '' ? texts.urlKept(saved?.host ?? '') : '';
  const consent = host !== null && host !== saved?.host && needsConsent(host) ? texts.urlConsent(host) : '';
  return (
    <TextInput
      field={form.field('url')}
      label={texts.url}
      hint={kept || consent}
      type="url"
      placeholder="https://"
      isRequired={!isStored}
    />
  );
}

function HeaderFields({ form, saved }: SecretProps) {
  const stored = saved?.settings.channel;
  const hasValue =
    stored?.type === 'webhook' && stored.headerName !== '' && stored.headerName === form.values.headerName;
  return (
    <>
      <TextInput field={form.field('headerName')} label={texts.headerName} hint={texts.headerNameHint} />
      {form.values.headerName.trim() !== '' && (
        <TextInput
          field={form.field('headerValue')}
          label={texts.headerValue}
          hint={hasValue ? texts.headerKept : ''}
          type="password"
          autoComplete="new-password"
          isRequired={!hasValue}
        />
      )}
    </>
  );
}

function OpsgenieFields({ form, saved }: SecretProps) {
  const stored = saved?.settings.channel;
  const hasKey = stored?.type === 'opsgenie' && stored.region === form.values.region;
  return (
    <>
      <ChoiceInput field={form.field('region')} label={texts.region} choices={regionChoices} isRequired />
      <TextInput
        field={form.field('apiKey')}
        label={texts.apiKey}
        hint={hasKey ? texts.apiKeyKept : ''}
        type="password"
        autoComplete="new-password"
        isRequired={!hasKey}
      />
    </>
  );
}
