import type { ConnectionView } from '../../../src/resolvers/views';
import { RowMenu } from '../../shared/row-menu';
import type { OnConnectionAction } from './connection-actions';
import { actionTexts, listTexts } from './texts';

/** What can be done with a connection, at the end of its row. */
export function ConnectionMenu({ connection, onAction }: { connection: ConnectionView; onAction: OnConnectionAction }) {
  const isEnabled = connection.state === 'enabled';
  return (
    <RowMenu
      label={listTexts.actions(connection.settings.name)}
      groups={[
        ['edit', 'test', isEnabled ? 'disable' : 'enable', 'pollNow', 'activity', 'protocol', 'duplicate'],
        ['delete'],
      ]}
      texts={actionTexts}
      disabled={isEnabled ? [] : ['pollNow']}
      onAction={(action, button) => onAction(action, connection, button)}
    />
  );
}
