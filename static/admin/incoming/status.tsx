import Lozenge from '@atlaskit/lozenge';
import type { ConnectionStatus, ConnectionView } from '../../../src/resolvers/views';
import { ScreenLink } from '../../shared/screen-link';
import { paths } from '../paths';
import { listTexts, statusTexts } from './texts';

const colors = {
  polling: 'success',
  disabled: 'neutral',
  warning: 'warning',
  failing: 'danger',
  suspended: 'danger',
} as const satisfies Record<ConnectionStatus, string>;

export function StatusLozenge({ status }: { status: ConnectionStatus }) {
  return <Lozenge appearance={colors[status]}>{statusTexts[status]}</Lozenge>;
}

/** The status; one that has a reason leads to where it is told. */
export function Status({ connection }: { connection: ConnectionView }) {
  const { id, status, settings } = connection;
  const { trouble, warning, quarantined, expiries } = connection;
  const hasReason = trouble !== null || warning !== null || quarantined > 0 || expiries.length > 0;
  if (!hasReason) return <StatusLozenge status={status} />;
  return (
    <ScreenLink to={paths.connection(id)} label={listTexts.showTrouble(statusTexts[status], settings.name)}>
      <StatusLozenge status={status} />
    </ScreenLink>
  );
}
