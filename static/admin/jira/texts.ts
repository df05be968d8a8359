/** What the fields say that choose something of Jira's. */
export const jiraTexts = {
  projectsPlaceholder: 'Search projects',
  projectNone: 'No project matches.',
  projectsFailed: (reason: string) => `The projects could not be listed. ${reason}`,
  unnamedProject: (id: string) => `Project ${id}`,
  project: 'Project',
  issueType: 'Issue type',
  issueTypeNeedsProject: 'Choose the project first.',
  issueTypesFailed: (reason: string) => `The issue types could not be listed. ${reason}`,
} as const;
