import { Stack } from '@atlaskit/primitives';
import { call } from '../../shared/call';
import { ListScreen } from '../../shared/list-screen';
import { paths } from '../paths';
import { useConnectionActions } from './connection-actions';
import { ConnectionsTable } from './connections-table';
import { QuotaNotice } from './status';
import { listTexts as texts } from './texts';
import { useConnections } from './use-connections';

const list = () => call('connections.list', {});

export function ConnectionsScreen() {
  const connections = useConnections(list);
  const { onAction, dialogs } = useConnectionActions(connections);
  return (
    <>
      <ListScreen query={connections} items={connections.value} texts={texts} addPath={paths.newConnection}>
        {(all) => (
          <Stack space="space.200">
            <QuotaNotice connections={all} />
            <ConnectionsTable connections={all} pollOf={connections.pollOf} onAction={onAction} />
          </Stack>
        )}
      </ListScreen>
      {dialogs}
    </>
  );
}
