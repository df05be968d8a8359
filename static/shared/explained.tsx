import Tooltip from '@atlaskit/tooltip';
import type { ReactNode } from 'react';

/** Something short that is explained to whoever points at it or reaches it by the keyboard. */
export function Explained({ by, children }: { by: string; children: ReactNode }) {
  return (
    <Tooltip content={by} tag="span">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the tooltip must be within reach of the keyboard too. */}
      <span tabIndex={0}>{children}</span>
    </Tooltip>
  );
}
