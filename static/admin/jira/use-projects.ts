import { useState } from 'react';
import type { ProjectItem } from '../../../src/resolvers/views';
import { call, toPageError } from '../../shared/call';
import type { Choice } from '../../shared/fields';
import { useQuery } from '../../shared/use-query';
import { jiraTexts as texts } from './texts';

const toChoice = ({ id, name, key }: ProjectItem): Choice => ({ value: id, label: `${name} (${key})` });
const firstPage = async () => (await call('jira.projects', { query: '' })).map(toChoice);

/** Jira's projects, for a select field: the first ones at once, and those that typed letters find. */
export function useProjects() {
  const [found, setFound] = useState<readonly Choice[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const first = useQuery(firstPage);
  const known = [...(first.value ?? []), ...found];

  const search = async (typed: string): Promise<Choice[]> => {
    try {
      const projects = (await call('jira.projects', { query: typed.slice(0, 100) })).map(toChoice);
      setFound((before) => [...before, ...projects]);
      setProblem(null);
      return projects;
    } catch (thrown) {
      setProblem(toPageError(thrown).message);
      return [];
    }
  };
  const reason = problem ?? first.error?.message;
  return {
    /** A project beyond the first page is known by its id only until it is searched for. */
    choiceOf: (id: string): Choice =>
      known.find(({ value }) => value === id) ?? { value: id, label: texts.unnamedProject(id) },
    /** Why they could not be listed; empty when they were. */
    problem: reason === undefined ? '' : texts.projectsFailed(reason),
    /** For an `AsyncSelect`. */
    select: {
      placeholder: texts.projectsPlaceholder,
      defaultOptions: first.value ?? [],
      isLoading: first.loading,
      loadOptions: search,
      noOptionsMessage: () => texts.projectNone,
    },
  };
}
