import Button from '@atlaskit/button/new';
import { Inline } from '@atlaskit/primitives';
import { hostsOfCloud } from '../../../src/domain/oauth-endpoints';
import type { CredentialView } from '../../../src/resolvers/contract';
import { CheckInput, type Choice, ChoiceInput, checked, TextInput } from '../../shared/fields';
import { useRouter } from '../../shared/router';
import type { Form } from '../../shared/use-form';
import { paths } from '../paths';
import { Authorize } from './authorize';
import { microsoftHostChoices, formTexts as texts } from './form-texts';
import { credentialOf, type FormContext, type FormValues, isShared, savedAccount } from './form-values';
import type { CredentialList } from './use-credentials';

interface Props {
  form: Form<FormValues>;
  id: string | null;
  context: FormContext;
  credentials: CredentialList;
  onCheck: () => void;
}

/** The credential, and who opens the mailbox with it: a person who signs in, or the application itself. */
export function OAuthFields(props: Props) {
  const { form, context, onCheck } = props;
  const { provider } = form.values;
  const credential = credentialOf(form.values, context);
  const isApplication = credential?.settings.grant === 'client-credentials';
  const username = form.field('username');
  const checkMailbox = () => {
    username.onBlur();
    if (form.values.username.trim() !== '') onCheck();
  };
  return (
    <>
      <CredentialField {...props} />
      {provider === 'microsoft-imap' && <HostFields form={form} credential={credential} />}
      {isApplication && (
        <TextInput
          field={{ ...username, onBlur: checkMailbox }}
          label={texts.mailbox}
          hint={texts.mailboxHint}
          isRequired
        />
      )}
      {provider !== 'google' && !isApplication && <SharedFields form={form} />}
      {credential !== null && !isApplication && <Authorize {...props} credential={credential} />}
    </>
  );
}

const providerName = ({ provider }: FormValues) => (provider === 'google' ? 'Google' : 'Microsoft');

function CredentialField({ form, context, credentials, onCheck }: Props) {
  const { navigate } = useRouter();
  const { values } = form;
  const field = form.field('credentialId');
  const kind = values.provider === 'google' ? 'google' : 'microsoft';
  const fitting = (credentials.value ?? []).filter(({ settings }) => settings.provider === kind);
  const choices: Choice[] = fitting.map(({ id, settings }) => ({ value: id, label: settings.name }));
  const isEmpty = credentials.value !== null && fitting.length === 0;

  const choose = (credentialId: string) => {
    const chosen = fitting.find(({ id }) => id === credentialId) ?? null;
    const isApplication = chosen?.settings.grant === 'client-credentials';
    const before = savedAccount({ ...values, credentialId }, context);
    // A sign-in belongs to the credential that it was made with.
    const username = before?.username ?? (isApplication ? values.username : '');
    form.change({ credentialId, authorizationId: '', username, ...(isApplication && { usesShared: '' }) });
    if (values.provider === 'microsoft-imap' && values.overridesHost !== checked)
      form.change({ host: defaultHost(chosen) });
    if (isApplication && username !== '') onCheck();
  };
  const reason = credentials.error?.message;
  const hint = reason ? texts.credentialsFailed(reason) : isEmpty ? texts.credentialNone(providerName(values)) : '';
  return (
    <div>
      <ChoiceInput
        field={{ ...field, onChange: choose }}
        label={texts.credential}
        hint={hint}
        choices={choices}
        isRequired
      />
      <Inline>
        <Button appearance="subtle" spacing="compact" onClick={() => navigate(paths.newCredential)}>
          {texts.credentialAdd}
        </Button>
      </Inline>
    </div>
  );
}

/** Exchange Online has another host in each national cloud. */
function defaultHost(credential: CredentialView | null): string {
  const { settings } = credential ?? {};
  return hostsOfCloud(settings?.provider === 'microsoft' ? settings.cloud : 'global').imap;
}

function HostFields({ form, credential }: { form: Form<FormValues>; credential: CredentialView | null }) {
  const usual = defaultHost(credential);
  // A stored host that differs was chosen, whatever the box says.
  const isOverridden = form.values.overridesHost === checked || form.values.host !== usual;
  const field = { ...form.field('overridesHost'), value: isOverridden ? checked : '' };
  const change = (overridesHost: string) =>
    form.change({ overridesHost, ...(overridesHost === '' && { host: usual }) });
  return (
    <>
      <CheckInput field={{ ...field, onChange: change }} label={texts.overrideHost} hint={texts.defaultHost(usual)} />
      {isOverridden && (
        <ChoiceInput field={form.field('host')} label={texts.host} choices={microsoftHostChoices} isRequired />
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
      {isShared(values) && <TextInput field={form.field('sharedMailbox')} label={texts.shared} isRequired />}
    </>
  );
}
