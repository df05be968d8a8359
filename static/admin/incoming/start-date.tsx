import { TextInput } from '../../shared/fields';
import { enableTexts as texts } from './enable-texts';

interface Props {
  id: string;
  day: string;
  problem: string | null;
  onChange: (day: string) => void;
}

/** The day from which on mail is wanted. */
export function StartDate({ id, day, problem, onChange }: Props) {
  return (
    <TextInput
      field={{ id, value: day, error: problem, onChange, onBlur: () => undefined }}
      label={texts.date}
      hint={texts.dateHint}
      type="date"
    />
  );
}
