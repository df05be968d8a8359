import type { ReactNode } from 'react';
import type { TokenUse } from '../../../src/domain/oauth-endpoints';
import { type Choice, ChoiceInput } from '../../shared/fields';
import { Section } from '../../shared/form-section';
import type { FormPart } from '../../shared/use-form';
import { changedProvider } from './access';
import { type AccountValues, isOAuth } from './account-values';
import { OAuthFields } from './oauth-fields';
import { PasswordFields } from './password-fields';
import { type AccountKindTexts, accountTexts as texts } from './texts';
import type { AccountForm } from './use-account-form';

/** What accounts that receive and accounts that send have each their own of. */
export interface AccountKind {
  providers: readonly Choice[];
  /** By provider with OAuth2: what an access token is asked for. */
  uses: Readonly<Record<string, TokenUse>>;
  texts: AccountKindTexts;
}

export interface AccountProps extends Omit<AccountForm<AccountValues>, 'form' | 'checkRequests'> {
  form: FormPart<AccountValues>;
  /** Null for a connection that was never saved. */
  id: string | null;
  kind: AccountKind;
  /** Somebody signed in, and confirmed that it is this account. */
  onAccept?: (account: string) => void;
}

interface Props extends AccountProps {
  /** Called once the fields above have followed. */
  onProvider?: (provider: string) => void;
  children: ReactNode;
}

/** Which server a connection reaches, and who signs in there. */
export function AccountFields({ onProvider, children, ...props }: Props) {
  const { form, kind, context } = props;
  const { values } = form;
  const change = (provider: string) => {
    form.change(changedProvider(values, provider, context));
    onProvider?.(provider);
  };
  return (
    <Section title={kind.texts.section}>
      <ChoiceInput
        field={{ ...form.field('provider'), onChange: change }}
        label={texts.provider}
        choices={kind.providers}
        isRequired
      />
      {isOAuth(values) ? <OAuthFields {...props} /> : <PasswordFields form={form} context={context} />}
      {children}
    </Section>
  );
}
