/** Where the screens live; the first parts are the routes of the side bar in manifest.yml. */
export const paths = {
  connections: '/incoming/connections',
  newConnection: '/incoming/connections/new',
  connection: (id: string) => `/incoming/connections/${id}`,
  activity: '/incoming/activity',
  activityOf: (connectionId: string) => `/incoming/activity/${connectionId}`,
  outgoingConnections: '/outgoing/connections',
  newOutgoing: '/outgoing/connections/new',
  outgoing: (id: string) => `/outgoing/connections/${id}`,
  credentials: '/settings/credentials',
  newCredential: '/settings/credentials/new',
  credential: (id: string) => `/settings/credentials/${id}`,
} as const;
