import { IconButton } from '@atlaskit/button/new';
import DropdownMenu, { DropdownItem, DropdownItemGroup } from '@atlaskit/dropdown-menu';
import ShowMoreIcon from '@atlaskit/icon/core/show-more-horizontal';
import type { ConnectionView } from '../../../src/resolvers/contract';
import { listTexts } from './texts';

export type RowAction = 'edit' | 'test' | 'enable' | 'disable' | 'pollNow' | 'duplicate' | 'delete';

interface Props {
  connection: ConnectionView;
  onAction: (action: RowAction, connection: ConnectionView) => void;
}

export function RowMenu({ connection, onAction }: Props) {
  const isEnabled = connection.state === 'enabled';
  const item = (action: RowAction, isDisabled = false) => (
    <DropdownItem isDisabled={isDisabled} onClick={() => onAction(action, connection)}>
      {listTexts[action]}
    </DropdownItem>
  );
  return (
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
          label={listTexts.actions(connection.settings.name)}
        />
      )}
    >
      <DropdownItemGroup>
        {item('edit')}
        {item('test')}
        {item(isEnabled ? 'disable' : 'enable')}
        {item('pollNow', !isEnabled)}
        {item('duplicate')}
      </DropdownItemGroup>
      <DropdownItemGroup hasSeparator>{item('delete')}</DropdownItemGroup>
    </DropdownMenu>
  );
}
