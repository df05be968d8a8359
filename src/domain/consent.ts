import { knownAlertHosts } from './webhook-address';

/** What manifest.yml asks an administrator to consent to, and what for; a test holds the two against each other. */
export const neededScopes: Readonly<Record<string, string>> = {
  'storage:app': 'to keep connections, and what became of each mail',
  'read:jira-work': 'to find issues and projects',
  'write:jira-work': 'to create issues, comments and attachments',
  'read:jira-user': 'to know who asks, and what that person may do',
  'report:personal-data': 'to report the accounts that are stored, and hear which were closed',
};

const google = 'for mailboxes at Google';
const microsoft = 'for mailboxes at Microsoft';
const alerts = 'for alerts';

/** Host, as the manifest writes it, → what for. */
export const neededHosts: Readonly<Record<string, string>> = {
  'oauth2.googleapis.com': google,
  'gmail.googleapis.com': google,
  'login.microsoftonline.com': microsoft,
  'login.microsoftonline.us': microsoft,
  'login.partner.microsoftonline.cn': microsoft,
  'graph.microsoft.com': microsoft,
  'graph.microsoft.us': microsoft,
  'dod-graph.microsoft.us': microsoft,
  'microsoftgraph.chinacloudapi.cn': microsoft,
  ...Object.fromEntries(knownAlertHosts.map((host) => [host, alerts])),
};
