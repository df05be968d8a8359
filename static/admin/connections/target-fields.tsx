import Select, { AsyncSelect } from '@atlaskit/select';
import { useCallback, useState } from 'react';
import type { ProjectItem } from '../../../src/resolvers/views';
import { call, toPageError } from '../../shared/call';
import { type Choice, FieldFrame, selectProps } from '../../shared/fields';
import type { FieldState } from '../../shared/use-form';
import { useQuery } from '../../shared/use-query';
import { formTexts as texts } from './form-texts';

const toChoice = ({ id, name, key }: ProjectItem): Choice => ({ value: id, label: `${name} (${key})` });
const firstProjects = () => call('jira.projects', { query: '' });

/** The project that mail goes to: typed letters search for it. */
export function ProjectField({ field }: { field: FieldState }) {
  const [chosen, setChosen] = useState<Choice | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const first = useQuery(firstProjects);

  const search = async (query: string): Promise<Choice[]> => {
    try {
      const projects = await call('jira.projects', { query: query.slice(0, 100) });
      setProblem(null);
      return projects.map(toChoice);
    } catch (thrown) {
      setProblem(toPageError(thrown).message);
      return [];
    }
  };

  const choices = (first.value ?? []).map(toChoice);
  const known = [chosen, ...choices].find((choice) => choice?.value === field.value);
  // A project beyond the first page is known by its id only until it is searched for.
  const value = field.value === '' ? null : (known ?? { value: field.value, label: texts.unnamedProject(field.value) });
  const reason = problem ?? first.error?.message;
  return (
    <FieldFrame field={field} label={texts.project} isRequired hint={reason && texts.projectsFailed(reason)}>
      <AsyncSelect<Choice>
        {...selectProps({ field, isRequired: true })}
        placeholder={texts.projectPlaceholder}
        defaultOptions={choices}
        isLoading={first.loading}
        loadOptions={search}
        noOptionsMessage={() => texts.projectNone}
        value={value}
        onChange={(choice) => {
          setChosen(choice);
          field.onChange(choice?.value ?? '');
        }}
      />
    </FieldFrame>
  );
}

export function IssueTypeField({ field, projectId }: { field: FieldState; projectId: string }) {
  const load = useCallback(
    async () => (projectId === '' ? [] : await call('jira.issueTypes', { projectId })),
    [projectId],
  );
  const types = useQuery(load);
  const choices = (types.value ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const hint =
    projectId === '' ? texts.issueTypeNeedsProject : types.error && texts.issueTypesFailed(types.error.message);
  return (
    <FieldFrame field={field} label={texts.issueType} isRequired hint={hint}>
      <Select<Choice>
        {...selectProps({ field, isRequired: true })}
        isDisabled={projectId === ''}
        isLoading={types.loading}
        options={choices}
        value={choices.find(({ value }) => value === field.value) ?? null}
        onChange={(choice) => field.onChange(choice?.value ?? '')}
      />
    </FieldFrame>
  );
}
