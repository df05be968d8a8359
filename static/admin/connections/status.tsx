import Lozenge from '@atlaskit/lozenge';
import { Pressable, xcss } from '@atlaskit/primitives';
import type { ConnectionStatus, ConnectionView } from '../../../src/resolvers/contract';
import { listTexts, statusTexts } from './texts';

const colors = {
  polling: 'success',
  disabled: 'neutral',
  warning: 'warning',
  failing: 'danger',
  suspended: 'danger',
} as const satisfies Record<ConnectionStatus, string>;

const pressableStyles = xcss({ backgroundColor: 'color.background.neutral.subtle', padding: 'space.0' });

/** The status; a click on one that has a reason shows it. */
export function Status({ connection, onShow }: { connection: ConnectionView; onShow: () => void }) {
  const text = statusTexts[connection.status];
  const lozenge = <Lozenge appearance={colors[connection.status]}>{text}</Lozenge>;
  const hasReason = connection.trouble !== null || connection.warning !== null || connection.quarantined.length > 0;
  if (!hasReason) return lozenge;
  return (
    <Pressable
      xcss={pressableStyles}
      onClick={onShow}
      aria-label={listTexts.showTrouble(text, connection.settings.name)}
      aria-haspopup="dialog"
    >
      {lozenge}
    </Pressable>
  );
}
