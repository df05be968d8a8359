import type { TokenUse } from '../../../src/domain/oauth-endpoints';
import type { CredentialView } from '../../../src/resolvers/views';
import { CheckInput, type Choice, checked, TextInput } from '../../shared/fields';
import type { FormPart } from '../../shared/use-form';
import { type AccountTexts, Authorize } from './authorize';
import { CredentialField } from './credential-field';
import { formTexts as sharedTexts } from './form-texts';
import { HostOverride } from './host-override';
import {
  type AccessContext,
  type AccessValues,
  credentialOf,
  isAuthorized,
  isShared,
  savedAccount,
} from './oauth-access';
import type { CredentialList } from './use-credentials';

/** What incoming and outgoing connections have each their own of. */
export interface OAuthAccount {
  /** By provider: what an access token is asked for. */
  uses: Readonly<Record<string, TokenUse>>;
  /** The provider whose host is chosen from a list, and what it is in each national cloud. */
  hosted: { provider: string; choices: readonly Choice[]; usual: (credential: CredentialView | null) => string };
  texts: Record<'mailboxHint' | 'useShared' | 'useSharedHint', string>;
  words?: AccountTexts;
}

interface Props {
  form: FormPart<AccessValues & Record<'host' | 'overridesHost', string>>;
  /** Null for a connection that was never saved. */
  id: string | null;
  context: AccessContext;
  credentials: CredentialList;
  account: OAuthAccount;
  /** Tests the account when the form is rendered next. */
  onCheck: () => void;
  /** Somebody signed in, and confirmed that it is this account. */
  onAccept?: (account: string) => void;
}

/** The credential, and who opens the account with it: a person who signs in, or the application itself. */
export function OAuthFields({ form, id, context, credentials, account, onCheck, onAccept }: Props) {
  const { values } = form;
  const { provider } = values;
  const { uses, hosted, texts, words } = account;
  const credential = credentialOf(values, context);
  const isApplication = credential?.settings.grant === 'client-credentials';
  const username = form.field('username');
  const use = uses[provider];

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
    if (provider === hosted.provider && values.overridesHost !== checked) form.change({ host: hosted.usual(chosen) });
    if (isApplication && username !== '') onCheck();
  };
  const accept = (authorizationId: string, signedIn: string) => {
    form.change({ authorizationId, username: signedIn });
    onAccept?.(signedIn);
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
      {provider === hosted.provider && (
        <HostOverride
          host={form.field('host')}
          overrides={form.field('overridesHost')}
          usual={hosted.usual(credential)}
          choices={hosted.choices}
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
      {provider !== 'google' && !isApplication && <SharedFields form={form} texts={texts} />}
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
          {...(words && { words })}
        />
      )}
    </>
  );
}

function SharedFields({ form, texts }: { form: FormPart<AccessValues>; texts: OAuthAccount['texts'] }) {
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
