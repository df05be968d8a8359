import { type Entities, secretIdOf } from '../domain/entity';
import type { OAuth, TokenOwner } from '../domain/oauth-ports';
import type { OutgoingConnection } from '../domain/outgoing';
import type { Connections, Log } from '../domain/ports';

export interface UninstallPorts {
  connections: Connections;
  outgoing: Entities<OutgoingConnection>;
  oauth: Pick<OAuth, 'giveUp'>;
  /** Milliseconds until the platform ends this run. */
  remainingMs(): number;
  log: Log;
}

/**
 * What the app does before it is uninstalled: gives up the access to mailboxes that people gave it. What it stored stays, since the
 * platform keeps it for a while, and may link it to an installation that follows. Never throws: nothing waits for it.
 */
export async function uninstall({ connections, outgoing, oauth, remainingMs, log }: UninstallPorts): Promise<void> {
  try {
    const all = (await Promise.all([connections.list(), outgoing.list()])).flat();
    const accounts = new Map<string, TokenOwner[]>();
    for (const one of all) {
      if (!('credentialId' in one.settings)) continue;
      const { credentialId, username } = one.settings;
      const account = `${credentialId} ${username.toLowerCase()}`;
      const owner = { id: secretIdOf(one), credentialId, use: 'imap', shared: false } as const;
      accounts.set(account, [...(accounts.get(account) ?? []), owner]);
    }
    await oauth.giveUp([...accounts.values()], remainingMs);
  } catch (failure) {
    log('error', 'uninstall-failed', { failure });
  }
}
