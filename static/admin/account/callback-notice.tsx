import { Stack, Text } from '@atlaskit/primitives';
import SectionMessage from '@atlaskit/section-message';
import type { ReactNode } from 'react';
import type { CredentialView } from '../../../src/resolvers/views';
import { CopyField } from '../../shared/copy-field';
import { callbackTexts as texts } from './texts';

interface Props {
  /** Those that the provider knows another callback URL of. */
  credentials: readonly Pick<CredentialView, 'settings' | 'formerCallbackUrl'>[];
  callbackUrl: string;
  /** What to do besides. */
  children: ReactNode;
}

/** Says that people who sign in are sent back to another address than the provider knows, and which one to register there. */
export function CallbackNotice({ credentials, callbackUrl, children }: Props) {
  const former = [...new Set(credentials.flatMap(({ formerCallbackUrl }) => formerCallbackUrl ?? []))];
  const providers = [...new Set(credentials.map(({ settings }) => texts.providers[settings.provider]))];
  return (
    <SectionMessage appearance="warning" title={texts.title}>
      <Stack space="space.150">
        <Text as="p">{texts.why(providers.join(' and '))}</Text>
        <CopyField label={texts.register} value={callbackUrl} hint={texts.before(former)} />
        <Text as="p">{children}</Text>
      </Stack>
    </SectionMessage>
  );
}
