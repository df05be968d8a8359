import { IconButton } from '@atlaskit/button/new';
import DropdownMenu, { DropdownItem, DropdownItemGroup } from '@atlaskit/dropdown-menu';
import ShowMoreIcon from '@atlaskit/icon/core/show-more-horizontal';
import { useRef } from 'react';
import type { ConnectionView } from '../../../src/resolvers/contract';
import { listTexts } from './texts';

export type RowAction = 'edit' | 'test' | 'enable' | 'disable' | 'pollNow' | 'activity' | 'duplicate' | 'delete';

export interface RowMenuProps {
  connection: ConnectionView;
  /** `button` opened the menu: a dialog gives the focus back to it, since the menu's item is gone by then. */
  onAction: (action: RowAction, connection: ConnectionView, button: HTMLElement | null) => void;
}

export function RowMenu({ connection, onAction }: RowMenuProps) {
  const place = useRef<HTMLDivElement>(null);
  const isEnabled = connection.state === 'enabled';
  const item = (action: RowAction, isDisabled = false) => (
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
          {item('duplicate')}
        </DropdownItemGroup>
        <DropdownItemGroup hasSeparator>{item('delete')}</DropdownItemGroup>
      </DropdownMenu>
    </div>
  );
}
