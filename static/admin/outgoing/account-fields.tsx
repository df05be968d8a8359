import type { ReactNode } from 'react';
import { mailerUse } from '../../../src/domain/oauth-endpoints';
import type { CredentialView } from '../../../src/resolvers/contract';
import { CheckInput, ChoiceInput, checked, TextInput } from '../../shared/fields';
import { Section, Warning } from '../../shared/form-section';
import type { Form } from '../../shared/use-form';
import { Authorize } from '../connections/authorize';
import { CredentialField } from '../connections/credential-field';
import { formTexts as sharedTexts } from '../connections/form-texts';
import { HostOverride } from '../connections/host-override';
import { credentialOf, isAuthorized, isShared, savedAccount } from '../connections/oauth-access';
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

/** Which server takes the mail, and who signs in there. */
export function AccountFields({ children, ...props }: Props & { children: ReactNode }) {
  const { form, context } = props;
  const provider = form.field('provider');
  return (
    <Section title={texts.serverSection}>
      <ChoiceInput
        field={{ ...provider, onChange: (chosen) => form.change(changedProvider(chosen, context)) }}
        label={sharedTexts.provider}
        choices={providerChoices}
        isRequired
      />
      {isOAuth(form.values) ? <OAuthFields {...props} /> : <PasswordFields {...props} />}
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
      <TextInput
        field={form.field('port')}
        label={sharedTexts.port}
        type="number"
        min={1}
        max={65_535}
        width="small"
        isRequired
      />
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

/** The credential, and who sends with it: a person who signs in, or the application itself. */
function OAuthFields({ form, id, context, credentials, onCheck }: Props) {
  const { values } = form;
  const { provider } = values;
  const credential = credentialOf(values, context);
  const isApplication = credential?.settings.grant === 'client-credentials';
  const username = form.field('username');
  const use = Object.entries(mailerUse).find(([name]) => name === provider)?.[1];

  const checkMailbox = () => {
    username.onBlur();
    if (values.username.trim() !== '') onCheck();
  };
  const choose = (chosen: CredentialView | null) => {
    const credentialId = chosen?.id ?? '';
    const isApplication = chosen?.settings.grant === 'client-credentials';
    const before = savedAccount({ ...values, credentialId }, context);
    // A sign-in belongs to the credential that it was made with.
    const username = before?.username ?? (isApplication ? values.username : '');
    form.change({ credentialId, authorizationId: '', username, ...(isApplication && { usesShared: '' }) });
    if (provider === 'microsoft-smtp' && values.overridesHost !== checked) form.change({ host: defaultHost(chosen) });
  };
  const accept = (authorizationId: string, account: string) => {
    // Mostly people send as the account that they sign in with.
    const isFirst = values.fromAddress.trim() === '' && !isShared(values);
    form.change({ authorizationId, username: account, ...(isFirst && { fromAddress: account }) });
    onCheck();
  };
  return (
    <>
      <CredentialField
        field={form.field('credentialId')}
        kind={provider === 'google' ? 'google' : 'microsoft'}
        credentials={credentials}
        onChoose={choose}
      />
      {provider === 'microsoft-smtp' && (
        <HostOverride
          host={form.field('host')}
          overrides={form.field('overridesHost')}
          usual={defaultHost(credential)}
          choices={hostChoices}
          onChange={form.change}
        />
      )}
      {isApplication && (
        <TextInput
          field={{ ...username, onBlur: checkMailbox }}
          label={sharedTexts.mailbox}
          hint={texts.mailboxHint}
          isRequired
        />
      )}
      {provider !== 'google' && !isApplication && <SharedFields form={form} />}
      {credential !== null && !isApplication && use !== undefined && (
        <Authorize
          connectionId={id}
          credential={credential}
          use={use}
          isShared={isShared(values)}
          username={values.username}
          before={savedAccount(values, context)?.username ?? ''}
          isDone={isAuthorized(values, context)}
          field={form.field('authorizationId')}
          onAccept={accept}
          words={accountTexts}
        />
      )}
    </>
  );
}

function SharedFields({ form }: { form: Form<FormValues> }) {
  const { values } = form;
  const change = (usesShared: string) => {
    // Graph asks for other permissions then, so a sign-in without them would not do.
    const isOther = values.provider === 'microsoft-graph' && usesShared === checked;
    form.change({ usesShared, ...(isOther && { authorizationId: '' }) });
  };
  return (
    <>
      <CheckInput
        field={{ ...form.field('usesShared'), onChange: change }}
        label={texts.useShared}
        hint={texts.useSharedHint}
      />
      {isShared(values) && <TextInput field={form.field('sharedMailbox')} label={sharedTexts.shared} isRequired />}
    </>
  );
}
