import Button from '@atlaskit/button/new';
import EmptyState from '@atlaskit/empty-state';
import { call } from '../../shared/call';
import { ErrorNotice } from '../../shared/error-notice';
import { Loading, PageHeader } from '../../shared/layout';
import { useRouter } from '../../shared/router';
import { paths } from '../paths';
import { useConnectionActions } from './connection-actions';
import { ConnectionsTable } from './connections-table';
import { listTexts as texts } from './texts';
import { useConnections } from './use-connections';

const list = () => call('connections.list', {});

export function ConnectionsScreen() {
  const { navigate } = useRouter();
  const connections = useConnections(list);
  const { onAction, dialogs } = useConnectionActions(connections);

  const { value, error } = connections;
  const add = (
    <Button appearance="primary" onClick={() => navigate(paths.newConnection)}>
      {texts.add}
    </Button>
  );
  return (
    <>
      <PageHeader title={texts.title} actions={value !== null && value.length > 0 && add} />
      {error && (
        <ErrorNotice
          title={texts.loadFailed}
          error={error}
          retry={{ label: texts.retry, run: () => void connections.reload() }}
        />
      )}
      {value === null && !error && <Loading label={texts.loading} />}
      {value?.length === 0 && (
        <EmptyState header={texts.emptyTitle} headingLevel={2} description={texts.empty} primaryAction={add} />
      )}
      {value !== null && value.length > 0 && (
        <ConnectionsTable connections={value} isPolling={connections.isPolling} onAction={onAction} />
      )}
      {dialogs}
    </>
  );
}
