import { ChoiceInput, NumberInput, TextInput } from '../../shared/fields';
import { Warning } from '../../shared/form-section';
import type { FormPart } from '../../shared/use-form';
import { type AccessContext, hasPassword } from './access';
import { type AccountValues, needsPassword, usualPort } from './account-values';
import { encryptionChoices, accountTexts as texts } from './texts';

/** A server that is named, and a user name and password for it. */
export function PasswordFields({ form, context }: { form: FormPart<AccountValues>; context: AccessContext }) {
  const { values } = form;
  const { provider } = values;
  const encryption = form.field('encryption');
  const changeEncryption = (chosen: string) => {
    // A port that was edited stays: only the one that we filled in follows.
    const isUsual = values.port === usualPort(values);
    form.change({ encryption: chosen, port: isUsual ? usualPort({ provider, encryption: chosen }) : values.port });
  };
  const isNeeded = needsPassword(values);
  const isKept = hasPassword(context);
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
        placeholder={texts.hostPlaceholder(provider)}
        isRequired
      />
      <NumberInput field={form.field('port')} label={texts.port} min={1} max={65_535} />
      <TextInput
        field={form.field('username')}
        label={texts.username}
        hint={provider === 'smtp' ? texts.usernameUnneeded : ''}
        isRequired={provider !== 'smtp'}
      />
      <TextInput
        field={form.field('password')}
        label={texts.password}
        type="password"
        autoComplete="new-password"
        isRequired={isNeeded && !isKept}
        hint={!isNeeded ? texts.passwordUnneeded : isKept ? texts.passwordKept : ''}
      />
    </>
  );
}
