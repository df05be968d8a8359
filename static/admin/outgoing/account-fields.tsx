import type { ReactNode } from 'react';
import { mailerUse } from '../../../src/domain/oauth-endpoints';
import { ChoiceInput, NumberInput, TextInput } from '../../shared/fields';
import { Section, Warning } from '../../shared/form-section';
import type { Form } from '../../shared/use-form';
import { formTexts as sharedTexts } from '../connections/form-texts';
import { isShared } from '../connections/oauth-access';
import { type OAuthAccount, OAuthFields } from '../connections/oauth-fields';
import type { CredentialList } from '../connections/use-credentials';
import { accountTexts, encryptionChoices, hostChoices, providerChoices, formTexts as texts } from './form-texts';
import { defaultHost, type FormContext, type FormValues, hasPassword, isOAuth, usualPort } from './form-values';

interface Props {
  form: Form<FormValues>;
  /** Null for a connection that was never saved. */
  id: string | null;
  context: FormContext;
  credentials: CredentialList;
  /** Tests the account when the form is rendered next. */
  onCheck: () => void;
}

const senderAccount: OAuthAccount = {
  uses: mailerUse,
  hosted: { provider: 'microsoft-smtp', choices: hostChoices, usual: defaultHost },
  texts,
  words: accountTexts,
};

/** Which server takes the mail, and who signs in there. */
export function AccountFields({ children, ...props }: Props & { children: ReactNode }) {
  const { form, context } = props;
  const provider = form.field('provider');
  const { values } = form;
  // Mostly people send as the account that they sign in with.
  const sendAs = (fromAddress: string) => {
    if (values.fromAddress.trim() === '' && !isShared(values)) form.change({ fromAddress });
  };
  return (
    <Section title={texts.serverSection}>
      <ChoiceInput
        field={{ ...provider, onChange: (chosen) => form.change(changedProvider(chosen, context)) }}
        label={sharedTexts.provider}
        choices={providerChoices}
        isRequired
      />
      {isOAuth(values) ? (
        <OAuthFields {...props} account={senderAccount} onAccept={sendAs} />
      ) : (
        <PasswordFields {...props} />
      )}
      {children}
    </Section>
  );
}

/** What means nothing at another provider is forgotten; what is stored for it comes back. */
function changedProvider(provider: string, { saved }: FormContext): Partial<FormValues> {
  const changed = {
    provider,
    credentialId: '',
    authorizationId: '',
    usesShared: '',
    sharedMailbox: '',
    overridesHost: '',
    // Microsoft's host is a list; the credential's cloud corrects it.
    host: provider === 'microsoft-smtp' ? defaultHost(null) : '',
    username: '',
    password: '',
  };
  if (saved === null || saved.provider !== provider || !('credentialId' in saved)) return changed;
  return { ...changed, credentialId: saved.credentialId, username: saved.username };
}

function PasswordFields({ form, context }: Props) {
  const { values } = form;
  const encryption = form.field('encryption');
  const changeEncryption = (chosen: string) => {
    // A port that was edited stays: only the one that we filled in follows.
    const isUsual = values.port === usualPort(values.encryption);
    form.change({ encryption: chosen, port: isUsual ? usualPort(chosen) : values.port });
  };
  const hasUsername = values.username.trim() !== '';
  const keepsPassword = hasPassword(context);
  const passwordHint = !hasUsername ? texts.passwordUnused : keepsPassword ? sharedTexts.passwordKept : '';
  return (
    <>
      <ChoiceInput
        field={{ ...encryption, onChange: changeEncryption }}
        label={sharedTexts.encryption}
        choices={encryptionChoices}
        isRequired
      />
      {values.encryption === 'none' && <Warning>{sharedTexts.encryptionNone}</Warning>}
      <TextInput field={form.field('host')} label={sharedTexts.host} placeholder={texts.hostPlaceholder} isRequired />
      <NumberInput field={form.field('port')} label={sharedTexts.port} min={1} max={65_535} />
      <TextInput field={form.field('username')} label={sharedTexts.username} hint={texts.usernameHint} />
      <TextInput
        field={form.field('password')}
        label={sharedTexts.password}
        type="password"
        autoComplete="new-password"
        isRequired={hasUsername && !keepsPassword}
        hint={passwordHint}
      />
    </>
  );
}
