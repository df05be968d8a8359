/** The screens that messages lead to, below the address of the app's pages; static/admin/paths.ts names the others. */
export const linkedPages = {
  connection: (id: string) => `/incoming/connections/${id}`,
  /** The entries of one result (`ActivityResult`) only. */
  resultsOf: (connectionId: string, result: string) => `/incoming/activity/${connectionId}/${result}`,
  outgoingConnections: '/outgoing/connections',
  outgoing: (id: string) => `/outgoing/connections/${id}`,
  credential: (id: string) => `/settings/credentials/${id}`,
  alerts: '/settings/alerts',
} as const;
