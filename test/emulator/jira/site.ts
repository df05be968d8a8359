/** What the local Jira site consists of before anyone uses it: people, projects, issue types, priorities, permissions. */

export interface User {
  accountId: string;
  accountType: 'atlassian' | 'app' | 'customer';
  displayName: string;
  emailAddress: string;
  timeZone: string;
  /** Project permissions; global ones too. */
  permissions: readonly string[];
}

const seeIssues = ['BROWSE_PROJECTS'];
const workOnIssues = [
  ...seeIssues,
  'ADD_COMMENTS',
  'ASSIGN_ISSUES',
  'ASSIGNABLE_USER',
  'CREATE_ATTACHMENTS',
  'CREATE_ISSUES',
  'DELETE_OWN_ATTACHMENTS',
  'DELETE_OWN_COMMENTS',
  'EDIT_ISSUES',
  'EDIT_OWN_COMMENTS',
  'LINK_ISSUES',
  'MODIFY_REPORTER',
  'TRANSITION_ISSUES',
];
const administer = [
  ...workOnIssues,
  'ADMINISTER',
  'ADMINISTER_PROJECTS',
  'DELETE_ALL_ATTACHMENTS',
  'DELETE_ALL_COMMENTS',
  'DELETE_ISSUES',
  'EDIT_ALL_COMMENTS',
  'SYSTEM_ADMIN',
];

/** Every permission that this Jira knows; a request that names another one is refused. */
export const knownPermissions: readonly string[] = [
  ...administer,
  'MANAGE_WATCHERS',
  'USER_PICKER',
  'VIEW_VOTERS_AND_WATCHERS',
];
export const globalPermissions: readonly string[] = ['ADMINISTER', 'SYSTEM_ADMIN', 'USER_PICKER'];

export const appAccountId = 'letterbox-app';

export const users: readonly User[] = [
  {
    accountId: 'admin',
    accountType: 'atlassian',
    displayName: 'Ada Admin',
    emailAddress: 'admin@letterbox.test',
    timeZone: 'Europe/Berlin',
    permissions: administer,
  },
  {
    accountId: 'agent',
    accountType: 'atlassian',
    displayName: 'Alex Agent',
    emailAddress: 'agent@letterbox.test',
    timeZone: 'America/New_York',
    permissions: workOnIssues,
  },
  {
    accountId: 'customer',
    accountType: 'customer',
    displayName: 'Casey Customer',
    emailAddress: 'customer@example.test',
    timeZone: 'Asia/Tokyo',
    permissions: [],
  },
  {
    accountId: appAccountId,
    accountType: 'app',
    displayName: 'Letterbox',
    emailAddress: '',
    timeZone: 'UTC',
    permissions: [...workOnIssues, 'DELETE_ALL_ATTACHMENTS', 'DELETE_ISSUES', 'EDIT_ALL_COMMENTS'],
  },
];

export interface IssueType {
  id: string;
  name: string;
  description: string;
  subtask: boolean;
}

export interface Project {
  id: string;
  key: string;
  name: string;
  projectTypeKey: 'service_desk' | 'software';
  issueTypes: readonly IssueType[];
}

const task: IssueType = { id: '10001', name: 'Task', description: 'A piece of work.', subtask: false };
const bug: IssueType = { id: '10002', name: 'Bug', description: 'Something is wrong.', subtask: false };
const story: IssueType = { id: '10003', name: 'Story', description: 'Something a user wants.', subtask: false };
const subtask: IssueType = { id: '10004', name: 'Sub-task', description: 'A part of a task.', subtask: true };
const request: IssueType = {
  id: '10005',
  name: 'Service Request',
  description: 'Somebody asks for help.',
  subtask: false,
};
const incident: IssueType = { id: '10006', name: 'Incident', description: 'Something is down.', subtask: false };

export const projects: readonly Project[] = [
  { id: '10000', key: 'SUP', name: 'Support', projectTypeKey: 'service_desk', issueTypes: [request, incident, task] },
  { id: '10100', key: 'DEV', name: 'Development', projectTypeKey: 'software', issueTypes: [task, bug, story, subtask] },
];

export const priorities = [
  { id: '1', name: 'Highest' },
  { id: '2', name: 'High' },
  { id: '3', name: 'Medium' },
  { id: '4', name: 'Low' },
  { id: '5', name: 'Lowest' },
] as const;
export const defaultPriorityId = '3';

export const findUser = (accountId: string): User | undefined => users.find((user) => user.accountId === accountId);
export const findProject = (idOrKey: string): Project | undefined =>
  projects.find((project) => project.id === idOrKey || project.key === idOrKey.toUpperCase());
