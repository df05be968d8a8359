import type { CredentialView } from '../../../src/resolvers/views';
import { CheckInput, checked, TextInput } from '../../shared/fields';
import type { FormPart } from '../../shared/use-form';
import { credentialOf, isAuthorized, savedAccount } from './access';
import type { AccountProps } from './account-fields';
import { type AccountValues, hostChoices, isShared, usualHost } from './account-values';
import { Authorize } from './authorize';
import { CredentialField } from './credential-field';
import { HostOverride } from './host-override';
import { type AccountKindTexts, accountTexts as texts } from './texts';

/** The credential, and who opens the account with it: a person who signs in, or the application itself. */
export function OAuthFields({ form, id, context, credentials, kind, onCheck, onAccept }: AccountProps) {
  const { values } = form;
  const { provider } = values;
  const credential = credentialOf(values, context);
  const isApplication = credential?.settings.grant === 'client-credentials';
  const username = form.field('username');
  const use = kind.uses[provider];
  const hosts = hostChoices(provider);

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
    if (hosts !== null && values.overridesHost !== checked) form.change({ host: usualHost(provider, chosen) });
    if (isApplication && username !== '') onCheck();
  };
  const accept = (authorizationId: string, signedIn: string) => {
    form.change({ authorizationId, username: signedIn });
    onAccept?.(signedIn);
    // Somebody has come back over the new callback URL.
    if (credential !== null && credential.formerCallbackUrl !== null) void credentials.reload();
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
      {hosts !== null && (
        <HostOverride
          host={form.field('host')}
          overrides={form.field('overridesHost')}
          usual={usualHost(provider, credential)}
          choices={hosts}
          onChange={form.change}
        />
      )}
      {isApplication && (
        <TextInput
          field={{ ...username, onBlur: checkMailbox }}
          label={texts.mailbox}
          hint={kind.texts.mailboxHint}
          isRequired
        />
      )}
      {provider !== 'google' && !isApplication && <SharedFields form={form} words={kind.texts} />}
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
          words={kind.texts}
        />
      )}
    </>
  );
}

function SharedFields({ form, words }: { form: FormPart<AccountValues>; words: AccountKindTexts }) {
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
        label={words.useShared}
        hint={words.useSharedHint}
      />
      {isShared(values) && <TextInput field={form.field('sharedMailbox')} label={texts.shared} isRequired />}
    </>
  );
}
