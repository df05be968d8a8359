import Button from '@atlaskit/button/new';
import { Inline, Stack, Text } from '@atlaskit/primitives';
import { useCallback } from 'react';
import type { ConnectionView } from '../../../src/resolvers/views';
import { call } from '../../shared/call';
import { PageHeader } from '../../shared/layout';
import { QueryNotice } from '../../shared/query-notice';
import { useRouter } from '../../shared/router';
import { ScreenLink } from '../../shared/screen-link';
import { MailCharts } from '../charts/mail-charts';
import { type OnConnectionAction, useConnectionActions } from '../incoming/connection-actions';
import { actionTexts, type ConnectionAction } from '../incoming/texts';
import { useConnections } from '../incoming/use-connections';
import { paths } from '../paths';
import { WaitingSection } from '../waiting/waiting-section';
import { CompletenessSection } from './completeness-section';
import { ProtocolSection } from './protocol-section';
import { SettingsSection } from './settings-section';
import { StatusSection } from './status-section';
import { pageTexts as texts } from './texts';

/**
 * One incoming connection: how it fares, what it is, and what can be done with it. `showsProtocol` puts its log before all
 * that grows while it loads.
 */
export function ConnectionScreen({ id, showsProtocol = false }: { id: string; showsProtocol?: boolean }) {
  const { navigate } = useRouter();
  const load = useCallback(async () => [await call('connections.get', { id })], [id]);
  const connections = useConnections(load);
  const { onAction, dialogs } = useConnectionActions(connections, () => navigate(paths.connections));

  const connection = connections.value?.[0];
  const log = (shown: ConnectionView) => ({ connection: shown, onPoll: () => onAction('pollNow', shown, null) });
  return (
    <>
      <Stack space="space.100">
        <Text size="small">
          <ScreenLink to={paths.connections}>{texts.back}</ScreenLink>
        </Text>
        <PageHeader
          title={connection?.settings.name ?? texts.title}
          actions={connection && <Toolbar connection={connection} onAction={onAction} />}
        />
        {connection && connection.settings.description !== '' && (
          <Text as="p" color="color.text.subtle">
            {connection.settings.description}
          </Text>
        )}
      </Stack>
      <QueryNotice query={connections} texts={texts} />
      {connection && (
        <Stack space="space.400">
          <StatusSection connection={connection} poll={connections.pollOf(id)} onAction={onAction} />
          {connection.waiting > 0 && (
            <WaitingSection connectionId={id} connectionName={null} onAsked={() => connections.awaitPoll(connection)} />
          )}
          {showsProtocol && <ProtocolSection {...log(connection)} isWanted />}
          <MailCharts connectionId={id} newsAt={connection.polledAt} />
          <CompletenessSection connection={connection} />
          <SettingsSection settings={connection.settings} />
          {!showsProtocol && <ProtocolSection {...log(connection)} isWanted={false} />}
        </Stack>
      )}
      {dialogs}
    </>
  );
}

interface ToolbarProps {
  connection: ConnectionView;
  onAction: OnConnectionAction;
}

/** What comes next most often stands first: a connection that is not enabled waits for that. */
function Toolbar({ connection, onAction }: ToolbarProps) {
  const isEnabled = connection.state === 'enabled';
  const actions: ConnectionAction[] = isEnabled
    ? ['pollNow', 'test', 'edit', 'activity', 'disable', 'duplicate', 'delete']
    : ['enable', 'test', 'edit', 'activity', 'duplicate', 'delete'];
  return (
    <Inline space="space.100" rowSpace="space.100" shouldWrap>
      {actions.map((action) => (
        <Button
          key={action}
          appearance={action === 'enable' ? 'primary' : 'default'}
          onClick={(event) => onAction(action, connection, event.currentTarget)}
        >
          {actionTexts[action]}
        </Button>
      ))}
    </Inline>
  );
}
