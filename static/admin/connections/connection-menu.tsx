import { IconButton } from '@atlaskit/button/new';
import DropdownMenu, { DropdownItem, DropdownItemGroup } from '@atlaskit/dropdown-menu';
import ShowMoreIcon from '@atlaskit/icon/core/show-more-horizontal';
import { useRef } from 'react';
import type { ConnectionView } from '../../../src/resolvers/contract';
import type { ConnectionAction, OnConnectionAction } from './connection-actions';
import { listTexts } from './texts';

interface Props {
  connection: ConnectionView;
  onAction: OnConnectionAction;
}

export function RowMenu({ connection, onAction }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const isEnabled = connection.state === 'enabled';
  const item = (action: ConnectionAction, isDisabled = false) => (
    <DropdownItem
      isDisabled={isDisabled}
      onClick={() => onAction(action, connection, place.current?.querySelector('button') ?? null)}
    >
      {listTexts[action]}
    </DropdownItem>
  );
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
            label={listTexts.actions(connection.settings.name)}
          />
        )}
      >
        <DropdownItemGroup>
          {item('edit')}
          {item('test')}
          {item(isEnabled ? 'disable' : 'enable')}
          {item('pollNow', !isEnabled)}
          {item('activity')}
          {item('protocol')}
          {item('duplicate')}
        </DropdownItemGroup>
        <DropdownItemGroup hasSeparator>{item('delete')}</DropdownItemGroup>
      </DropdownMenu>
    </div>
  );
}
