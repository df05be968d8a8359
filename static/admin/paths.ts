/** Where the screens live; the first parts are the routes of the side bar in manifest.yml. */
export const paths = {
  connections: '/incoming/connections',
  newConnection: '/incoming/connections/new',
  connection: (id: string) => `/incoming/connections/${id}`,
  /** The page of a connection, at its protocol log. */
  protocolOf: (id: string) => `/incoming/connections/${id}/protocol`,
  editConnection: (id: string) => `/incoming/connections/${id}/edit`,
  activity: '/incoming/activity',
  activityOf: (connectionId: string) => `/incoming/activity/${connectionId}`,
  /** The entries of one result (`ActivityResult`) only. */
  resultsOf: (connectionId: string, result: string) => `/incoming/activity/${connectionId}/${result}`,
  outgoingConnections: '/outgoing/connections',
  newOutgoing: '/outgoing/connections/new',
  outgoing: (id: string) => `/outgoing/connections/${id}`,
  credentials: '/settings/credentials',
  newCredential: '/settings/credentials/new',
  credential: (id: string) => `/settings/credentials/${id}`,
  alerts: '/settings/alerts',
  newAlert: '/settings/alerts/new',
  alert: (id: string) => `/settings/alerts/${id}`,
} as const;
