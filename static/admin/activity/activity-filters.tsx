import { Grid } from '@atlaskit/primitives';
import { useEffect, useState } from 'react';
import { activityResults } from '../../../src/domain/activity';
import type { ConnectionView } from '../../../src/resolvers/views';
import { ChoiceInput, TextInput } from '../../shared/fields';
import type { FieldState } from '../../shared/use-form';
import { periods, periodTexts, resultTexts, listTexts as texts } from './texts';

/** What the reader chose; empty does not narrow. */
export interface Filters {
  connectionId: string;
  result: string;
  period: string;
  text: string;
}
export const noFilters: Filters = { connectionId: '', result: '', period: '30', text: '' };
export const allEntries: Filters = { ...noFilters, period: '' };

/** Milliseconds without a key pressed after which a text is searched for. */
const typingMs = 400;

interface Props {
  filters: Filters;
  connections: readonly ConnectionView[];
  onChange: (filters: Filters) => void;
}

export function ActivityFilters({ filters, connections, onChange }: Props) {
  const field = (name: keyof Filters): FieldState => ({
    id: `activity-${name}`,
    value: filters[name],
    error: null,
    onChange: (value) => onChange({ ...filters, [name]: value }),
    onBlur: () => undefined,
  });
  const connectionChoices = [
    { value: '', label: texts.anyConnection },
    ...connections.map(({ id, settings }) => ({ value: id, label: settings.name })),
  ];
  const resultChoices = [
    { value: '', label: texts.anyResult },
    ...activityResults.map((value) => ({ value, label: resultTexts[value] })),
  ];
  return (
    <Grid gap="space.200" templateColumns="repeat(auto-fit, minmax(11rem, 1fr))">
      <ChoiceInput label={texts.connection} field={field('connectionId')} choices={connectionChoices} />
      <ChoiceInput label={texts.result} field={field('result')} choices={resultChoices} />
      <ChoiceInput
        label={texts.period}
        field={field('period')}
        choices={periods.map((value) => ({ value, label: periodTexts[value] }))}
      />
      <TextFilter field={field('text')} />
    </Grid>
  );
}

/** Waits until the reader has stopped typing. */
function TextFilter({ field }: { field: FieldState }) {
  const [typed, setTyped] = useState(field.value);
  useEffect(() => {
    if (typed === field.value) return;
    const timer = setTimeout(() => field.onChange(typed), typingMs);
    return () => clearTimeout(timer);
  });
  return (
    <TextInput
      type="search"
      label={texts.text}
      placeholder={texts.textHint}
      field={{ ...field, value: typed, onChange: (value) => setTyped(value.slice(0, 200)) }}
    />
  );
}
