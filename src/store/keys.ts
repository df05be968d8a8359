/** Every key that Letterbox keeps in Forge's key-value store, in one place, so that no two kinds can meet. */
export const keys = {
  /** Custom entity of connections; its key is the connection's id. */
  connectionEntity: 'connection',
  /** Custom entity of the activity log; its key is the entry's id. */
  activityEntity: 'activity',
  /** Custom entity of outgoing connections; its key is the connection's id. */
  outgoingEntity: 'outgoing',
  password: (secretId: string) => `connection-password:${secretId}`,
  /** Custom entity of cursors; its key is the connection's id. */
  cursorEntity: 'cursor',
  /** Where earlier versions kept them. */
  cursor: (connectionId: string) => `cursor:${connectionId}`,
  protocol: (connectionId: string) => `protocol:${connectionId}`,
  receipt: (origin: string) => `receipt:${origin}`,
  takeOver: (origin: string, generation: number) => `receipt:${origin}:${generation}`,
  tally: (connectionId: string) => `tally:${connectionId}`,
  activityDays: 'activity-days',
  /** Who has a name, by kind of entity and sha256 of the name. */
  name: (kind: string, hash: string) => `name:${kind}:${hash}`,
  /** Who may take a name away, or over, that this claim of it has left. */
  nameTakeOver: (claim: string, generation: number) => `name-claim:${claim}:${generation}`,
  /** Who chose an entity within the last minutes. */
  use: (usedId: string) => `use:${usedId}`,
  storeClock: 'store-clock',
  signingKey: 'signing-key',
  accountsReported: 'accounts-reported',
  plan: 'plan',
  jiraPause: 'jira-pause',
  /** Custom entity of OAuth2 credentials; its key is the credential's id. */
  credentialEntity: 'credential',
  clientSecret: (secretId: string) => `client-secret:${secretId}`,
  /** Notes of changes of secrets; each has a random name behind it. */
  secretChange: 'secret-change:',
  tokens: (slot: string) => `tokens:${slot}`,
  applicationTokens: (secretId: string) => `tokens:application-${secretId}`,
  renewal: (owner: string, generation: string) => `tokens-renewal:${owner}:${generation}`,
  authorization: (id: string) => `authorization:${id}`,
  spentAuthorization: (id: string) => `authorization-spent:${id}`,
  /** Custom entity of alert rules; its key is the rule's id. */
  alertEntity: 'alert',
  /** Custom entity of what each rule has told; its key is the rule's id. */
  ledgerEntity: 'ledger',
  alertSecret: (secretId: string) => `alert-secret:${secretId}`,
  outgoingTrouble: (connectionId: string) => `outgoing-trouble:${connectionId}`,
  /** A record of the diagnosis page, removed at once. */
  queryProbe: (id: string) => `diagnosis:${id}`,
} as const;
