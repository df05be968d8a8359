import { AsyncSelect } from '@atlaskit/select';
import { useState } from 'react';
import type { ProjectItem } from '../../../src/resolvers/views';
import { call, toPageError } from '../../shared/call';
import { type Choice, FieldFrame, selectProps } from '../../shared/fields';
import type { FieldState } from '../../shared/use-form';
import { useQuery } from '../../shared/use-query';
import { formTexts as sharedTexts } from '../connections/form-texts';
import { formTexts as texts } from './form-texts';
import { fromIds, toIds } from './form-values';

const toChoice = ({ id, name, key }: ProjectItem): Choice => ({ value: id, label: `${name} (${key})` });
const firstProjects = () => call('jira.projects', { query: '' });

/** Any number of projects: typed letters search for them. */
export function ProjectsField({ field }: { field: FieldState }) {
  const [seen, setSeen] = useState<readonly Choice[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const first = useQuery(firstProjects);

  const search = async (query: string): Promise<Choice[]> => {
    try {
      const found = (await call('jira.projects', { query: query.slice(0, 100) })).map(toChoice);
      setSeen((before) => [...before, ...found]);
      setProblem(null);
      return found;
    } catch (thrown) {
      setProblem(toPageError(thrown).message);
      return [];
    }
  };

  const choices = (first.value ?? []).map(toChoice);
  // A project beyond the first page is known by its id only until it is searched for.
  const chosen = toIds(field.value).map(
    (id) =>
      [...choices, ...seen].find(({ value }) => value === id) ?? { value: id, label: sharedTexts.unnamedProject(id) },
  );
  const reason = problem ?? first.error?.message;
  return (
    <FieldFrame
      field={field}
      label={texts.projects}
      hint={reason ? sharedTexts.projectsFailed(reason) : texts.projectsHint}
    >
      <AsyncSelect<Choice, true>
        {...selectProps({ field })}
        isMulti
        placeholder={texts.projectsPlaceholder}
        defaultOptions={choices}
        isLoading={first.loading}
        loadOptions={search}
        noOptionsMessage={() => sharedTexts.projectNone}
        value={chosen}
        onChange={(now) => field.onChange(fromIds(now.map(({ value }) => value)))}
      />
    </FieldFrame>
  );
}
