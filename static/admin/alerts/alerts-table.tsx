import Lozenge from '@atlaskit/lozenge';
import { Inline, Text } from '@atlaskit/primitives';
import { incidentKinds } from '../../../src/domain/incident';
import type { AlertView } from '../../../src/resolvers/views';
import { type Column, DataTable, textColumn } from '../../shared/data-table';
import { Explained } from '../../shared/explained';
import { Moment, useExactTime } from '../../shared/reader';
import { RowMenu } from '../../shared/row-menu';
import { ScreenLink } from '../../shared/screen-link';
import { paths } from '../paths';
import { actionTexts, channelTexts, kindTexts, type RowAction, listTexts as texts } from './texts';

interface Props {
  alerts: readonly AlertView[];
  /** `button` opened the menu, and gets the focus back. */
  onAction: (action: RowAction, alert: AlertView, button: HTMLElement | null) => void;
}

export function AlertsTable({ alerts, onAction }: Props) {
  const columns: Column<AlertView>[] = [
    {
      ...text('name', ({ settings }) => settings.name, { isSecondary: false, width: 20 }),
      render: ({ id, settings }) => <ScreenLink to={paths.alert(id)}>{settings.name}</ScreenLink>,
    },
    text('channel', channelOf, { width: 22 }),
    text('incidents', kindsOf, { width: 26 }),
    {
      ...text('last', () => '', { width: 14 }),
      sortBy: ({ last }) => last?.at ?? 0,
      render: ({ last }) =>
        last === null ? <Text color="color.text.subtle">{texts.never}</Text> : <Moment time={last.at} />,
    },
    {
      ...text('status', statusText, { isSecondary: false, width: 14 }),
      render: (alert) => <Status alert={alert} />,
    },
    {
      key: 'actions',
      title: texts.columns.actions,
      render: (alert) => (
        <RowMenu
          label={texts.actions(alert.settings.name)}
          groups={[['edit', 'sendTest', alert.enabled ? 'disable' : 'enable'], ['delete']]}
          texts={actionTexts}
          onAction={(action: RowAction, button) => onAction(action, alert, button)}
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
      items={alerts}
      itemKey={({ id }) => id}
    />
  );
}

function channelOf({ settings: { channel }, host }: AlertView): string {
  const name = channelTexts[channel.type];
  if (channel.type === 'email') return `${name}, ${texts.recipients(channel.recipients.length)}`;
  return `${name}, ${host}`;
}

const kindsOf = ({ settings }: AlertView) =>
  incidentKinds
    .filter((kind) => settings.incidents.includes(kind))
    .map((kind) => kindTexts[kind].short)
    .join(', ');

function statusText({ enabled, last, problem }: AlertView): string {
  if (!enabled) return texts.disabled;
  if (problem !== null) return texts.stuck;
  if (last?.outcome === 'failed') return texts.failing;
  return last?.outcome === 'unclear' ? texts.unclear : texts.enabled;
}

function Status({ alert }: { alert: AlertView }) {
  const exactTime = useExactTime();
  const { enabled, last, retryAt, problem } = alert;
  if (!enabled || (problem === null && (last === null || last.outcome === 'sent'))) {
    return <Lozenge appearance={enabled ? 'success' : 'neutral'}>{statusText(alert)}</Lozenge>;
  }
  const again = last?.outcome === 'failed' && retryAt !== null ? ` ${texts.retryAt(exactTime(retryAt))}` : '';
  const isUnclear = problem === null && last?.outcome === 'unclear';
  return (
    <Inline>
      <Explained by={problem ?? `${last?.message ?? ''}${again}`}>
        <Lozenge appearance={isUnclear ? 'warning' : 'danger'}>{statusText(alert)}</Lozenge>
      </Explained>
    </Inline>
  );
}

/** A column of plain text. */
const text = (
  key: keyof typeof texts.columns,
  read: (alert: AlertView) => string,
  options?: Partial<Column<AlertView>>,
) => textColumn(texts.columns, key, read, options);
