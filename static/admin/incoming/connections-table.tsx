import { Inline, Text } from '@atlaskit/primitives';
import Spinner from '@atlaskit/spinner';
import type { ConnectionView } from '../../../src/resolvers/views';
import { type Column, DataTable, textColumn } from '../../shared/data-table';
import { Moment, relativeTime, useExactTime } from '../../shared/reader';
import { ScreenLink } from '../../shared/screen-link';
import { paths } from '../paths';
import type { OnConnectionAction } from './connection-actions';
import { ConnectionMenu } from './connection-menu';
import { LastDay, totalOf } from './last-day';
import { Status } from './status';
import { providerTexts, statusText, listTexts as texts } from './texts';
import type { PollState } from './use-connections';
import { useLastDays } from './use-last-days';

interface Props {
  connections: readonly ConnectionView[];
  pollOf: (id: string) => PollState;
  onAction: OnConnectionAction;
}

export function ConnectionsTable({ connections, pollOf, onAction }: Props) {
  const exactTime = useExactTime();
  const lastDay = useLastDays();
  const lastPoll = ({ polledAt }: ConnectionView) =>
    polledAt === null ? texts.never : relativeTime(polledAt, Date.now());

  const columns: Column<ConnectionView>[] = [
    {
      ...text('name', ({ settings }) => settings.name, { isSecondary: false, width: 12 }),
      render: ({ id, settings }) => <ScreenLink to={paths.connection(id)}>{settings.name}</ScreenLink>,
    },
    text('description', ({ settings }) => settings.description, { width: 11 }),
    text('provider', ({ settings }) => providerTexts[settings.provider], { width: 10 }),
    text('host', ({ settings }) => ('host' in settings ? settings.host : ''), { width: 12 }),
    text('username', ({ settings }) => settings.username, { width: 13 }),
    {
      ...text('interval', ({ settings }) => texts.minutes(settings.intervalMinutes), { width: 7 }),
      sortBy: ({ settings }) => settings.intervalMinutes,
    },
    {
      ...text('status', statusText, { isSecondary: false, width: 9 }),
      render: (connection) => <Status connection={connection} />,
    },
    {
      ...text('lastPoll', lastPoll, { width: 9 }),
      searchBy: (connection) =>
        connection.polledAt === null ? texts.never : `${lastPoll(connection)} ${exactTime(connection.polledAt)}`,
      sortBy: ({ polledAt }) => polledAt ?? 0,
      render: (connection) => {
        const poll = pollOf(connection.id);
        if (poll === 'polling') return <PollInProgress />;
        if (poll === 'late') return <Text color="color.text.subtle">{texts.askedFor}</Text>;
        if (connection.polledAt === null) return <Text color="color.text.subtle">{texts.never}</Text>;
        return <Moment time={connection.polledAt} />;
      },
    },
    {
      ...text('lastDay', ({ id }) => String(totalOf(lastDay(id))), { width: 11 }),
      sortBy: ({ id }) => totalOf(lastDay(id)),
      render: ({ id }) => <LastDay created={lastDay(id)} />,
    },
    {
      ...text('waiting', ({ waiting }) => String(waiting), { width: 6 }),
      sortBy: ({ waiting }) => waiting,
    },
    {
      key: 'actions',
      title: texts.columns.actions,
      render: (connection) => <ConnectionMenu connection={connection} onAction={onAction} />,
    },
  ];

  return (
    <DataTable
      label={texts.title}
      searchLabel={texts.search}
      noMatch={texts.noMatch}
      columns={columns}
      items={connections}
      itemKey={({ id }) => id}
    />
  );
}

function PollInProgress() {
  return (
    <Inline space="space.100" alignBlock="center">
      <Spinner size="small" label="" />
      <Text>{texts.polling}</Text>
    </Inline>
  );
}

const searched: readonly string[] = ['name', 'description', 'host', 'username', 'status'];

/** A column of plain text. The search finds what administrators know a connection by. */
const text = (
  key: keyof typeof texts.columns,
  read: (connection: ConnectionView) => string,
  options: Partial<Column<ConnectionView>> = {},
) =>
  textColumn(texts.columns, key, read, { searchBy: (item) => (searched.includes(key) ? read(item) : ''), ...options });
