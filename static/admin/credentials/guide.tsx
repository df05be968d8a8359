import { Guide as SharedGuide } from '../../shared/guide';
import type { FormValues } from './form-values';
import { guideOf, guideTitle } from './guide-texts';

/** What to do at the provider, step by step. */
export function Guide({ values }: { values: FormValues }) {
  const { console: place, steps, note } = guideOf(values);
  return <SharedGuide title={guideTitle} place={place} steps={steps} note={note} />;
}
