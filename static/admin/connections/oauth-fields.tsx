import { hostsOfCloud, mailboxUse } from '../../../src/domain/oauth-endpoints';
import type { CredentialView } from '../../../src/resolvers/contract';
import { CheckInput, checked, TextInput } from '../../shared/fields';
import type { Form } from '../../shared/use-form';
import { Authorize } from './authorize';
import { CredentialField } from './credential-field';
import { microsoftHostChoices, formTexts as texts } from './form-texts';
import type { FormContext, FormValues } from './form-values';
import { HostOverride } from './host-override';
import { credentialOf, isAuthorized, isShared, savedAccount } from './oauth-access';
import type { CredentialList } from './use-credentials';

interface Props {
  form: Form<FormValues>;
  id: string | null;
  context: FormContext;
  credentials: CredentialList;
  onCheck: () => void;
}

/** The credential, and who opens the mailbox with it: a person who signs in, or the application itself. */
export function OAuthFields({ form, id, context, credentials, onCheck }: Props) {
  const { values } = form;
  const { provider } = values;
  const credential = credentialOf(values, context);
  const isApplication = credential?.settings.grant === 'client-credentials';
  const username = form.field('username');
  const use = Object.entries(mailboxUse).find(([name]) => name === provider)?.[1];

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
    if (provider === 'microsoft-imap' && values.overridesHost !== checked) form.change({ host: defaultHost(chosen) });
    if (isApplication && username !== '') onCheck();
  };
  return (
    <>
      <CredentialField
        field={form.field('credentialId')}
        kind={provider === 'google' ? 'google' : 'microsoft'}
        credentials={credentials}
        onChoose={choose}
      />
      {provider === 'microsoft-imap' && (
        <HostOverride
          host={form.field('host')}
          overrides={form.field('overridesHost')}
          usual={defaultHost(credential)}
          choices={microsoftHostChoices}
          onChange={form.change}
        />
      )}
      {isApplication && (
        <TextInput
          field={{ ...username, onBlur: checkMailbox }}
          label={texts.mailbox}
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
          onAccept={(authorizationId, mailbox) => {
            form.change({ authorizationId, username: mailbox });
            onCheck();
          }}
        />
      )}
    </>
  );
}

/** Exchange Online has another host in each national cloud. */
function defaultHost(credential: CredentialView | null): string {
  const { settings } = credential ?? {};
  return hostsOfCloud(settings?.provider === 'microsoft' ? settings.cloud : 'global').imap;
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
      {isShared(values) && <TextInput field={form.field('sharedMailbox')} label={texts.shared} isRequired />}
    </>
  );
}
