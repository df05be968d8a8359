import { route } from '@forge/api';
import * as z from 'zod';
import { AppError } from '../domain/app-error';
import { readError } from './errors';
import { requestJira } from './request';

export interface Project {
  id: string;
  key: string;
  name: string;
}
export interface IssueType {
  id: string;
  name: string;
}

const pageSize = 50;
/** A list to choose from; whoever has more projects types a few letters of the name. */
const mostProjects = 200;

const projectPage = z.object({
  values: z.array(z.object({ id: z.string(), key: z.string(), name: z.string() })),
  isLast: z.boolean(),
});

const issueTypePage = z.object({
  issueTypes: z.array(z.object({ id: z.string(), name: z.string(), subtask: z.boolean() })),
  total: z.number(),
});

/** Projects that Letterbox may create issues in and whose name or key contains `query`, by name; at most 200. */
export async function searchProjects(query: string): Promise<Project[]> {
  const projects = new Map<string, Project>();
  for (let startAt = 0; startAt < mostProjects; startAt += pageSize) {
    const search = new URLSearchParams({
      query,
      action: 'create',
      orderBy: 'name',
      startAt: String(startAt),
      maxResults: String(pageSize),
    });
    if (query === '') search.delete('query');
    const answer = await requestJira(route`/rest/api/3/project/search?${search}`);
    const page = projectPage.safeParse(answer.body);
    if (!answer.ok || !page.success) throw readError(answer);
    for (const { id, key, name } of page.data.values) projects.set(id, { id, key, name });
    // The page is counted by us and not followed by its link: a link that repeats itself would never end.
    if (page.data.isLast || page.data.values.length === 0) break;
  }
  return [...projects.values()];
}

/**
 * Issue types that an issue of the project can have from its beginning; a sub-task needs a parent, so it is none.
 * @throws AppError `project-gone`
 */
export async function issueTypesOf(projectId: string): Promise<IssueType[]> {
  const types: IssueType[] = [];
  for (let startAt = 0; ; startAt += pageSize) {
    const answer = await requestJira(
      route`/rest/api/3/issue/createmeta/${projectId}/issuetypes?startAt=${startAt}&maxResults=${pageSize}`,
    );
    if (answer.status === 404) {
      throw new AppError(
        'project-gone',
        'input',
        'This project no longer exists, or Letterbox may not create issues in it. Choose another one.',
        {
          field: 'settings.target.projectId',
        },
      );
    }
    const page = issueTypePage.safeParse(answer.body);
    if (!answer.ok || !page.success) throw readError(answer);
    types.push(...page.data.issueTypes.filter((type) => !type.subtask).map(({ id, name }) => ({ id, name })));
    if (page.data.issueTypes.length === 0 || startAt + page.data.issueTypes.length >= page.data.total) return types;
  }
}
