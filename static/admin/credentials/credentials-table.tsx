import { IconButton } from '@atlaskit/button/new';
import DropdownMenu, { DropdownItem, DropdownItemGroup } from '@atlaskit/dropdown-menu';
import ShowMoreIcon from '@atlaskit/icon/core/show-more-horizontal';
import Lozenge from '@atlaskit/lozenge';
import { Text } from '@atlaskit/primitives';
import Tooltip from '@atlaskit/tooltip';
import { useRef } from 'react';
import type { CredentialView } from '../../../src/resolvers/contract';
import { type Column, DataTable } from '../../shared/data-table';
import { providerTexts, shortGrantTexts, listTexts as texts } from './texts';

interface Props {
  credentials: readonly CredentialView[];
  onEdit: (credential: CredentialView) => void;
  /** `button` opened the menu, and gets the focus back. */
  onDelete: (credential: CredentialView, button: HTMLElement | null) => void;
}

export function CredentialsTable({ credentials, onEdit, onDelete }: Props) {
  const columns: Column<CredentialView>[] = [
    text('name', ({ settings }) => settings.name, { isSecondary: false, width: 22 }),
    text('provider', ({ settings }) => providerTexts[settings.provider], { width: 10 }),
    text('grant', ({ settings }) => shortGrantTexts[settings.grant], { width: 15 }),
    text('clientId', ({ settings }) => settings.clientId, { width: 25 }),
    {
      ...text('usedBy', ({ usedBy }) => texts.connections(usedBy.length), { width: 11 }),
      sortBy: ({ usedBy }) => usedBy.length,
      searchBy: ({ usedBy }) => usedBy.join(' '),
    },
    {
      ...text('expiry', ({ settings }) => settings.secretExpiresOn, { isSecondary: false, width: 14 }),
      render: (credential) => <Expiry credential={credential} />,
    },
    {
      key: 'actions',
      title: texts.columns.actions,
      render: (credential) => <Menu credential={credential} onEdit={onEdit} onDelete={onDelete} />,
    },
  ];
  return (
    <DataTable
      label={texts.title}
      searchLabel={texts.search}
      noMatch={texts.noMatch}
      columns={columns}
      items={credentials}
      itemKey={({ id }) => id}
    />
  );
}

function Expiry({ credential: { settings, expiry } }: { credential: CredentialView }) {
  const date = settings.secretExpiresOn;
  if (date === '') return <Text color="color.text.subtle">{texts.noExpiry}</Text>;
  if (expiry === null) return <Text>{texts.expiresOn(date)}</Text>;
  const isExpired = expiry.level === 'expired';
  return (
    <Tooltip content={expiry.message} tag="span">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the tooltip must be within reach of the keyboard too. */}
      <span tabIndex={0}>
        <Lozenge appearance={isExpired || expiry.level === 'urgent' ? 'danger' : 'warning'} maxWidth="100%">
          {isExpired ? texts.expired(date) : texts.expiring(date)}
        </Lozenge>
      </span>
    </Tooltip>
  );
}

function Menu({ credential, onEdit, onDelete }: Omit<Props, 'credentials'> & { credential: CredentialView }) {
  const place = useRef<HTMLDivElement>(null);
  return (
    <div ref={place}>
      <DropdownMenu<HTMLButtonElement>
        placement="bottom-end"
        shouldRenderToParent={false}
        trigger={({ triggerRef, ...props }) => (
          <IconButton
            {...props}
            ref={triggerRef}
            icon={ShowMoreIcon}
            appearance="subtle"
            spacing="compact"
            label={texts.actions(credential.settings.name)}
          />
        )}
      >
        <DropdownItemGroup>
          <DropdownItem onClick={() => onEdit(credential)}>{texts.edit}</DropdownItem>
        </DropdownItemGroup>
        <DropdownItemGroup hasSeparator>
          <DropdownItem onClick={() => onDelete(credential, place.current?.querySelector('button') ?? null)}>
            {texts.delete}
          </DropdownItem>
        </DropdownItemGroup>
      </DropdownMenu>
    </div>
  );
}

/** A column of plain text, which the search finds and which sorts by it. */
function text(
  key: keyof typeof texts.columns,
  read: (credential: CredentialView) => string,
  options: Partial<Column<CredentialView>> = {},
): Column<CredentialView> {
  return {
    key,
    title: texts.columns[key],
    isSecondary: true,
    sortBy: read,
    searchBy: read,
    render: (credential) => <Text>{read(credential)}</Text>,
    ...options,
  };
}
