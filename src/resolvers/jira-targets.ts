import type { Handlers } from './define';
import type { NamedItem, ProjectItem } from './views';

export interface TargetPorts {
  /** Projects whose name or key contains the query. */
  searchProjects(query: string): Promise<ProjectItem[]>;
  /** Issue types that an issue of the project can have; no sub-tasks. */
  issueTypes(projectId: string): Promise<NamedItem[]>;
  /** Display names of people; who is gone is missing. */
  usersByAccountId(accountIds: readonly string[]): Promise<NamedItem[]>;
}

/** What pages ask of Jira: where mail can go, and what people are called. */
export function targetHandlers(ports: TargetPorts): Pick<Handlers, 'jira.projects' | 'jira.issueTypes' | 'jira.users'> {
  return {
    'jira.projects': ({ query }) => ports.searchProjects(query),
    'jira.issueTypes': ({ projectId }) => ports.issueTypes(projectId),
    'jira.users': ({ accountIds }) => ports.usersByAccountId(accountIds),
  };
}
