import { Text } from '@atlaskit/primitives';
import SectionMessage from '@atlaskit/section-message';
import type { ConnectionView } from '../../../src/resolvers/views';
import { useRemedy } from './remedy';
import { statusTexts as texts } from './texts';

interface Props {
  expiry: ConnectionView['expiries'][number];
  connection: ConnectionView;
}

/** What the connection's access depends on and ends soon, or has ended. */
export function ExpiryNotice({ expiry, connection }: Props) {
  const remedy = useRemedy(connection);
  const isExpired = expiry.level === 'expired';
  const title = texts.expiryTitle[expiry.of];
  return (
    <SectionMessage
      appearance={isExpired ? 'error' : 'warning'}
      title={isExpired ? title.expired : title.soon}
      actions={[remedy(expiry.of === 'secret' ? 'newSecret' : 'authorize')]}
    >
      <Text as="p">{expiry.message}</Text>
    </SectionMessage>
  );
}
