import { IconButton } from '@atlaskit/button/new';
import DropdownMenu, { DropdownItem, DropdownItemGroup } from '@atlaskit/dropdown-menu';
import ShowMoreIcon from '@atlaskit/icon/core/show-more-horizontal';
import { useRef } from 'react';

interface Props<A extends string> {
  label: string;
  /** Separated by lines. */
  groups: readonly (readonly A[])[];
  texts: Readonly<Record<A, string>>;
  /** Shown, and of no use now. */
  disabled?: readonly A[];
  /** `button` opened the menu: a dialog gives the focus back to it, since the menu's item is gone by then. */
  onAction: (action: A, button: HTMLElement | null) => void;
}

/** The menu at the end of a table's row. */
export function RowMenu<A extends string>({ label, groups, texts, disabled = [], onAction }: Props<A>) {
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
            label={label}
          />
        )}
      >
        {groups.map((actions, index) => (
          <DropdownItemGroup key={actions.join()} hasSeparator={index > 0}>
            {actions.map((action) => (
              <DropdownItem
                key={action}
                isDisabled={disabled.includes(action)}
                onClick={() => onAction(action, place.current?.querySelector('button') ?? null)}
              >
                {texts[action]}
              </DropdownItem>
            ))}
          </DropdownItemGroup>
        ))}
      </DropdownMenu>
    </div>
  );
}
