import type { ReactNode } from 'react';
import { hostsOfCloud, mailboxUse } from '../../../src/domain/oauth-endpoints';
import { ChoiceInput, NumberInput, TextInput } from '../../shared/fields';
import { Section, Warning } from '../../shared/form-section';
import type { Form } from '../../shared/use-form';
import { FolderField } from './folder-field';
import { encryptionChoices, microsoftHostChoices, providerChoices, formTexts as texts } from './form-texts';
import { type FormContext, type FormValues, isOAuth, usualPort } from './form-values';
import { savedAccount } from './oauth-access';
import { type OAuthAccount, OAuthFields } from './oauth-fields';
import type { CredentialList } from './use-credentials';

interface Props {
  form: Form<FormValues>;
  /** Null for a connection that was never saved. */
  id: string | null;
  context: FormContext;
  credentials: CredentialList;
  /** Tests the mailbox when the form is rendered next. */
  onCheck: () => void;
  children: ReactNode;
}

const mailboxAccount: OAuthAccount = {
  uses: mailboxUse,
  hosted: {
    provider: 'microsoft-imap',
    choices: microsoftHostChoices,
    usual: (credential) => {
      const { settings } = credential ?? {};
      return hostsOfCloud(settings?.provider === 'microsoft' ? settings.cloud : 'global').imap;
    },
  },
  texts,
};

/** Where the mailbox is, and who opens it. */
export function ServerFields(props: Props) {
  const { form, id, context, children } = props;
  const { values } = form;
  const provider = form.field('provider');
  return (
    <Section title={texts.serverSection}>
      <ChoiceInput
        field={{ ...provider, onChange: (chosen) => form.change(changedProvider(values, chosen, context)) }}
        label={texts.provider}
        choices={providerChoices}
        isRequired
      />
      {isOAuth(values) ? <OAuthFields {...props} account={mailboxAccount} /> : <PasswordFields {...props} />}
      {values.provider !== 'pop3' && (
        <FolderField
          field={form.field('folder')}
          label={texts.folder}
          hint={texts.folderHint}
          placeholder={texts.folderPlaceholder}
          values={values}
          id={id}
          context={context}
        />
      )}
      {children}
    </Section>
  );
}

/** What means nothing at another provider is forgotten; a port that was edited stays. */
function changedProvider(values: FormValues, provider: string, context: FormContext): Partial<FormValues> {
  const next = { ...values, provider };
  const oauth = { credentialId: '', authorizationId: '', usesShared: '', sharedMailbox: '', overridesHost: '' };
  const isKept = !isOAuth(values) && !isOAuth(next);
  const changed = {
    ...oauth,
    provider,
    host: isKept ? values.host : '',
    username: isKept ? values.username : '',
    port: values.port === usualPort(values) ? usualPort(next) : values.port,
    ...(provider === 'pop3' && { folder: '', moveTo: '', afterDownload: noMove(values.afterDownload) }),
  };
  // Microsoft's host is a list; the credential's cloud corrects it.
  if (provider === 'microsoft-imap') changed.host = 'outlook.office365.com';
  const { saved } = context;
  if (saved === null || saved.provider !== provider || !('credentialId' in saved)) return changed;
  const back = savedAccount({ ...next, credentialId: saved.credentialId }, context);
  return { ...changed, credentialId: saved.credentialId, username: back?.username ?? '' };
}

const noMove = (afterDownload: string) => (afterDownload === 'move' ? 'mark-read' : afterDownload);

function PasswordFields({ form, id, context }: Props) {
  const { values } = form;
  const encryption = form.field('encryption');
  const changeEncryption = (chosen: string) => {
    // A port that was edited stays: only the one that we filled in follows.
    const isUsual = values.port === usualPort(values);
    const port = isUsual ? usualPort({ ...values, encryption: chosen }) : values.port;
    form.change({ encryption: chosen, port });
  };
  const keepsPassword = id !== null && context.saved !== null && !('credentialId' in context.saved);
  return (
    <>
      <ChoiceInput
        field={{ ...encryption, onChange: changeEncryption }}
        label={texts.encryption}
        choices={encryptionChoices}
        isRequired
      />
      {values.encryption === 'none' && <Warning>{texts.encryptionNone}</Warning>}
      <TextInput
        field={form.field('host')}
        label={texts.host}
        placeholder={values.provider === 'pop3' ? texts.pop3HostPlaceholder : texts.hostPlaceholder}
        isRequired
      />
      <NumberInput field={form.field('port')} label={texts.port} min={1} max={65_535} />
      <TextInput field={form.field('username')} label={texts.username} isRequired />
      <TextInput
        field={form.field('password')}
        label={texts.password}
        type="password"
        autoComplete="new-password"
        isRequired={!keepsPassword}
        {...(keepsPassword && { hint: texts.passwordKept })}
      />
    </>
  );
}
