import Lozenge from '@atlaskit/lozenge';
import { Text } from '@atlaskit/primitives';
import SectionMessage from '@atlaskit/section-message';
import type { ConnectionStatus, ConnectionView } from '../../../src/resolvers/views';
import { useTimeFormat } from '../../shared/reader';
import { ScreenLink } from '../../shared/screen-link';
import { paths } from '../paths';
import { listTexts, quotaTexts, sharedTexts, statusText } from './texts';

const colors = {
  polling: 'success',
  disabled: 'neutral',
  paused: 'inprogress',
  waiting: 'warning',
  warning: 'warning',
  failing: 'danger',
  suspended: 'danger',
} as const satisfies Record<ConnectionStatus, string>;

export function StatusLozenge({ connection }: { connection: Pick<ConnectionView, 'status' | 'heldBack'> }) {
  return <Lozenge appearance={colors[connection.status]}>{statusText(connection)}</Lozenge>;
}

/** The status; one that has a reason leads to where it is told. */
export function Status({ connection }: { connection: ConnectionView }) {
  const { id, settings, heldBack } = connection;
  const { trouble, warning, quarantined, expiries } = connection;
  const hasReason = trouble !== null || warning !== null || quarantined > 0 || heldBack > 0 || expiries.length > 0;
  if (!hasReason) return <StatusLozenge connection={connection} />;
  return (
    <ScreenLink to={paths.connection(id)} label={listTexts.showTrouble(statusText(connection), settings.name)}>
      <StatusLozenge connection={connection} />
    </ScreenLink>
  );
}

/** Says until when Jira answers no call of the app, where a poll has met that. */
export function QuotaNotice({ connections }: { connections: readonly Pick<ConnectionView, 'status' | 'trouble'>[] }) {
  const timeOfDay = useTimeFormat({ timeStyle: 'short' });
  const ends = connections.flatMap(({ status, trouble }) => (status === 'paused' && trouble ? trouble.notBefore : []));
  const until = Math.max(...ends);
  if (until <= Date.now()) return null;
  return (
    <SectionMessage appearance="information" title={quotaTexts.title(timeOfDay(until))}>
      <Text as="p">{quotaTexts.explanation}</Text>
    </SectionMessage>
  );
}

/** Says that other connections read the mailbox too, before each mail becomes two issues. */
export function SharedMailboxNotice({
  connection: { alsoReadBy },
}: {
  connection: Pick<ConnectionView, 'alsoReadBy'>;
}) {
  if (alsoReadBy.length === 0) return null;
  return (
    <SectionMessage appearance="warning" title={sharedTexts.title}>
      <Text as="p">{sharedTexts.warning(alsoReadBy.map(({ name }) => name))}</Text>
    </SectionMessage>
  );
}
