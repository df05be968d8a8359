import Button from '@atlaskit/button/new';
import { Inline, Stack } from '@atlaskit/primitives';
import type { CredentialView } from '../../../src/resolvers/views';
import { type Choice, ChoiceInput } from '../../shared/fields';
import { useRouter } from '../../shared/router';
import type { FieldState } from '../../shared/use-form';
import { paths } from '../paths';
import { accountTexts as texts } from './texts';
import type { CredentialList } from './use-credentials';

interface Props {
  field: FieldState;
  kind: 'google' | 'microsoft';
  credentials: CredentialList;
  onChoose: (credential: CredentialView | null) => void;
}

const kindNames = { google: 'Google', microsoft: 'Microsoft' };

/** One of the OAuth2 credentials of a provider. */
export function CredentialField({ field, kind, credentials, onChoose }: Props) {
  const { navigate } = useRouter();
  const fitting = (credentials.value ?? []).filter(({ settings }) => settings.provider === kind);
  const choices: Choice[] = fitting.map(({ id, settings }) => ({ value: id, label: settings.name }));
  const isEmpty = credentials.value !== null && fitting.length === 0;
  const reason = credentials.error?.message;
  const hint = reason ? texts.credentialsFailed(reason) : isEmpty ? texts.credentialNone(kindNames[kind]) : '';
  const choose = (credentialId: string) => onChoose(fitting.find(({ id }) => id === credentialId) ?? null);
  return (
    <Stack space="space.100">
      <ChoiceInput
        field={{ ...field, onChange: choose }}
        label={texts.credential}
        hint={hint}
        choices={choices}
        isRequired
      />
      <Inline>
        <Button spacing="compact" onClick={() => navigate(paths.newCredential)}>
          {texts.credentialAdd}
        </Button>
      </Inline>
    </Stack>
  );
}
