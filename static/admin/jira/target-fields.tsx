import Select, { AsyncSelect } from '@atlaskit/select';
import { useCallback } from 'react';
import { call } from '../../shared/call';
import { type Choice, FieldFrame, selectProps } from '../../shared/fields';
import type { FieldState } from '../../shared/use-form';
import { useQuery } from '../../shared/use-query';
import { jiraTexts as texts } from './texts';
import { useProjects } from './use-projects';

/** The project that mail goes to: typed letters search for it. */
export function ProjectField({ field }: { field: FieldState }) {
  const projects = useProjects();
  return (
    <FieldFrame field={field} label={texts.project} isRequired hint={projects.problem}>
      <AsyncSelect<Choice>
        {...selectProps({ field, isRequired: true })}
        {...projects.select}
        value={field.value === '' ? null : projects.choiceOf(field.value)}
        onChange={(choice) => field.onChange(choice?.value ?? '')}
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
