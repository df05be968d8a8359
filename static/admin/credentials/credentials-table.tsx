import Lozenge from '@atlaskit/lozenge';
import { Text } from '@atlaskit/primitives';
import type { CredentialView } from '../../../src/resolvers/views';
import { type Column, DataTable, textColumn } from '../../shared/data-table';
import { Explained } from '../../shared/explained';
import { RowMenu } from '../../shared/row-menu';
import { ScreenLink } from '../../shared/screen-link';
import { paths } from '../paths';
import { providerTexts, shortGrantTexts, listTexts as texts } from './texts';

interface Props {
  credentials: readonly CredentialView[];
  onEdit: (credential: CredentialView) => void;
  /** `button` opened the menu, and gets the focus back. */
  onDelete: (credential: CredentialView, button: HTMLElement | null) => void;
}

export function CredentialsTable({ credentials, onEdit, onDelete }: Props) {
  const columns: Column<CredentialView>[] = [
    {
      ...text('name', ({ settings }) => settings.name, { isSecondary: false, width: 22 }),
      render: ({ id, settings }) => <ScreenLink to={paths.credential(id)}>{settings.name}</ScreenLink>,
    },
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
      render: (credential) => (
        <RowMenu
          label={texts.actions(credential.settings.name)}
          groups={[['edit'], ['delete']]}
          texts={texts}
          onAction={(action, button) => (action === 'edit' ? onEdit(credential) : onDelete(credential, button))}
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
    <Explained by={expiry.message}>
      <Lozenge appearance={isExpired || expiry.level === 'urgent' ? 'danger' : 'warning'} maxWidth="100%">
        {isExpired ? texts.expired(date) : texts.expiring(date)}
      </Lozenge>
    </Explained>
  );
}

/** A column of plain text. */
const text = (
  key: keyof typeof texts.columns,
  read: (credential: CredentialView) => string,
  options?: Partial<Column<CredentialView>>,
) => textColumn(texts.columns, key, read, options);
