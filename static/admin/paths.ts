import { linkedPages } from '../../src/domain/linked-pages';

/** Where the screens live; the first parts are the routes of the side bar in manifest.yml. */
export const paths = {
  ...linkedPages,
  connections: '/incoming/connections',
  newConnection: '/incoming/connections/new',
  /** The page of a connection, at its protocol log. */
  protocolOf: (id: string) => `/incoming/connections/${id}/protocol`,
  editConnection: (id: string) => `/incoming/connections/${id}/edit`,
  activity: '/incoming/activity',
  activityOf: (connectionId: string) => `/incoming/activity/${connectionId}`,
  newOutgoing: '/outgoing/connections/new',
  credentials: '/settings/credentials',
  newCredential: '/settings/credentials/new',
  newAlert: '/settings/alerts/new',
  alert: (id: string) => `/settings/alerts/${id}`,
  diagnosis: '/settings/diagnosis',
} as const;
