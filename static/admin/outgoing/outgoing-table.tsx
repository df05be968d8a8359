import Lozenge from '@atlaskit/lozenge';
import { Inline } from '@atlaskit/primitives';
import type { OutgoingView } from '../../../src/resolvers/views';
import { type Column, DataTable, textColumn } from '../../shared/data-table';
import { Explained } from '../../shared/explained';
import { useExactTime } from '../../shared/reader';
import { RowMenu } from '../../shared/row-menu';
import { actionTexts, providerTexts, type RowAction, listTexts as texts } from './texts';

interface Props {
  connections: readonly OutgoingView[];
  /** `button` opened the menu, and gets the focus back. */
  onAction: (action: RowAction, connection: OutgoingView, button: HTMLElement | null) => void;
}

export function OutgoingTable({ connections, onAction }: Props) {
  const columns: Column<OutgoingView>[] = [
    text('name', ({ settings }) => settings.name, { isSecondary: false, width: 14 }),
    text('description', ({ settings }) => settings.description, { width: 12 }),
    text('provider', ({ settings }) => providerTexts[settings.provider], { width: 12 }),
    text('from', ({ settings }) => sender(settings), { width: 20 }),
    text('host', ({ settings }) => ('host' in settings ? settings.host : ''), { width: 12 }),
    text('username', ({ settings }) => settings.username, { width: 14 }),
    {
      ...text('status', statusText, { isSecondary: false, width: 9 }),
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

const statusText = ({ enabled }: OutgoingView) => (enabled ? texts.enabledStatus : texts.disabledStatus);

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
  const { enabled, debugUntil } = connection;
  return (
    <Inline space="space.050" rowSpace="space.050" shouldWrap>
      <Lozenge appearance={enabled ? 'success' : 'neutral'}>{statusText(connection)}</Lozenge>
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
