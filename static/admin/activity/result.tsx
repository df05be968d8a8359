import Lozenge from '@atlaskit/lozenge';
import type { ActivityResult } from '../../../src/domain/activity';
import { resultTexts } from './texts';

const colors = {
  created: 'success',
  failed: 'warning',
  quarantined: 'danger',
  dismissed: 'neutral',
  gone: 'neutral',
  changed: 'information',
  skipped: 'neutral',
} as const satisfies Record<ActivityResult, string>;

export function Result({ result }: { result: ActivityResult }) {
  return <Lozenge appearance={colors[result]}>{resultTexts[result]}</Lozenge>;
}
