import type { NamedItem, ProjectItem } from './contract';
import type { Handlers } from './define';

export interface TargetPorts {
  /** Projects whose name or key contains the query. */
  searchProjects(query: string): Promise<ProjectItem[]>;
  /** Issue types that an issue of the project can have; no sub-tasks. */
  issueTypes(projectId: string): Promise<NamedItem[]>;
}

/** What a form needs to choose where mail goes. */
export function targetHandlers(ports: TargetPorts): Pick<Handlers, 'jira.projects' | 'jira.issueTypes'> {
  return {
    'jira.projects': ({ query }) => ports.searchProjects(query),
    'jira.issueTypes': ({ projectId }) => ports.issueTypes(projectId),
  };
}
