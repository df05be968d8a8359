import Lozenge from '@atlaskit/lozenge';
import { Inline } from '@atlaskit/primitives';
import type { OutgoingView } from '../../../src/resolvers/views';
import { type Column, DataTable, textColumn } from '../../shared/data-table';
import { Explained } from '../../shared/explained';
import { useExactTime } from '../../shared/reader';
import { RowMenu } from '../../shared/row-menu';
import { ScreenLink } from '../../shared/screen-link';
import { paths } from '../paths';
import { actionTexts, providerTexts, type RowAction, listTexts as texts } from './texts';

interface Props {
  connections: readonly OutgoingView[];
  /** `button` opened the menu, and gets the focus back. */
  onAction: (action: RowAction, connection: OutgoingView, button: HTMLElement | null) => void;
}

export function OutgoingTable({ connections, onAction }: Props) {
  const columns: Column<OutgoingView>[] = [
    {
      ...text('name', ({ settings }) => settings.name, { isSecondary: false, width: 14 }),
      render: ({ id, settings }) => <ScreenLink to={paths.outgoing(id)}>{settings.name}</ScreenLink>,
    },
    text('description', ({ settings }) => settings.description, { width: 12 }),
    text('provider', ({ settings }) => providerTexts[settings.provider], { width: 12 }),
    text('from', ({ settings }) => sender(settings), { width: 20 }),
    text('host', ({ settings }) => ('host' in settings ? settings.host : ''), { width: 12 }),
    text('username', ({ settings }) => settings.username, { width: 14 }),
    {
      ...text('status', (connection) => statusOf(connection).text, { isSecondary: false, width: 9 }),
      render: (connection) => <Status connection={connection} />,
    },
    {
      ...text('projects', ({ settings }) => texts.projects(settings.defaultForProjects.length), { width: 8 }),
      sortBy: ({ settings }) => settings.defaultForProjects.length,
    },
    {
      key: 'actions',
      title: texts.columns.actions,
      render: (connection) => (
        <RowMenu
          label={texts.actions(connection.settings.name)}
          groups={actionsOf(connection)}
          texts={actionTexts}
          onAction={(action, button) => onAction(action, connection, button)}
        />
      ),
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

/** What the status says, its color, and why. */
function statusOf({ enabled, trouble, expiries }: OutgoingView) {
  if (!enabled) return { text: texts.disabledStatus, color: 'neutral', why: '' } as const;
  if (trouble !== null) return { text: texts.failingStatus, color: 'danger', why: trouble.message } as const;
  if (expiries.length === 0) return { text: texts.enabledStatus, color: 'success', why: '' } as const;
  const why = expiries.map(({ message }) => message).join(' ');
  return expiries.some(({ level }) => level === 'expired')
    ? ({ text: texts.expiredStatus, color: 'danger', why } as const)
    : ({ text: texts.expiringStatus, color: 'warning', why } as const);
}

const sender = ({ fromName, fromAddress }: OutgoingView['settings']) =>
  fromName === '' ? fromAddress : `${fromName} <${fromAddress}>`;

function actionsOf({ enabled, debugUntil }: OutgoingView): RowAction[][] {
  return [
    [
      'edit',
      'test',
      'sendTest',
      enabled ? 'disable' : 'enable',
      debugUntil === null ? 'debug' : 'stopDebug',
      'duplicate',
    ],
    ['delete'],
  ];
}

function Status({ connection }: { connection: OutgoingView }) {
  const exactTime = useExactTime();
  const { debugUntil } = connection;
  const { text, color, why } = statusOf(connection);
  const status = (
    <Lozenge appearance={color} maxWidth="100%">
      {text}
    </Lozenge>
  );
  return (
    <Inline space="space.050" rowSpace="space.050" shouldWrap>
      {why === '' ? status : <Explained by={why}>{status}</Explained>}
      {debugUntil !== null && (
        <Explained by={texts.debuggedUntil(exactTime(debugUntil))}>
          <Lozenge appearance="warning">{texts.debugged}</Lozenge>
        </Explained>
      )}
    </Inline>
  );
}

/** A column of plain text. */
const text = (
  key: keyof typeof texts.columns,
  read: (connection: OutgoingView) => string,
  options?: Partial<Column<OutgoingView>>,
) => textColumn(texts.columns, key, read, options);
