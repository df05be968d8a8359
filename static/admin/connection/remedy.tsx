import { SectionMessageAction } from '@atlaskit/section-message';
import type { ReactElement } from 'react';
import { secretRefused } from '../../../src/domain/credential';
import type { ConnectionView } from '../../../src/resolvers/views';
import { useRouter } from '../../shared/router';
import { paths } from '../paths';
import { statusTexts as texts } from './texts';

export type Remedy = 'edit' | 'authorize' | 'newSecret';

/** The codes of what only another sign-in puts right (see `AccessToken`). */
const signInCodes = ['authorization-missing', 'authorization-expired', 'scope-missing', 'consent-missing'];

/** Where the cause of a trouble is put right. */
export function remedyFor(code: string): Remedy {
  if (code === secretRefused) return 'newSecret';
  return signInCodes.includes(code) ? 'authorize' : 'edit';
}

/** Makes the link to where something is put right: the form, or the credential. */
export function useRemedy({ id, settings }: ConnectionView): (remedy: Remedy) => ReactElement {
  const { navigate } = useRouter();
  return (remedy) => {
    const isSecret = remedy === 'newSecret' && 'credentialId' in settings;
    const place = isSecret ? paths.credential(settings.credentialId) : paths.editConnection(id);
    return (
      <SectionMessageAction key={remedy} onClick={() => navigate(place)}>
        {texts[remedy]}
      </SectionMessageAction>
    );
  };
}
