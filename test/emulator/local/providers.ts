import { join } from 'node:path';
import { clouds } from '../../../src/domain/credential';
import { hostsOfCloud } from '../../../src/domain/oauth-endpoints';
import type { Clock } from '../clock';
import { type GoogleEmulator, startGoogle } from '../google/google';
import { type Identity, startIdentity } from '../identity/identity';
import { demoUsers, tenants } from '../identity/users';
import { type MicrosoftEmulator, startMicrosoft } from '../microsoft/microsoft';
import type { SubmittedMail } from '../provider/submission';

/** Google and Microsoft on this machine: sign-in, mail, and applications that are registered there already. */
export interface Providers {
  identity: Identity;
  google: GoogleEmulator;
  microsoft: MicrosoftEmulator;
  /** Real host → where it is emulated: for the egress gate. */
  hosts: Readonly<Record<string, string>>;
  /** Puts a mail into the mailbox of a demo account; false when the address is nobody's. */
  deliver(address: string, raw: Uint8Array): boolean;
  /**
   * Microsoft's mailboxes as IMAP has them: copies of their own, so that what is read through Graph stays unread here.
   * A token opens the mailbox of its account, and a shared one that is open to it.
   */
  exchange: { addresses: readonly string[]; opens(address: string, token: string): Promise<boolean> };
  /** Registers the demo applications with the address that people are sent back to. */
  registerApplications(callbackUrl: string): Promise<void>;
  close(): Promise<void>;
}

/** Each row is what an administrator would see in the provider's own console. */
export const demoApplications = [
  {
    name: 'Demo Google',
    provider: 'google',
    clientId: '470011223344-letterboxdemo.apps.googleusercontent.com',
    clientSecret: 'GOCSPX-letterbox-demo',
    tenant: '',
  },
  {
    name: 'Demo Microsoft (delegated)',
    provider: 'microsoft',
    clientId: '1e77e4b0-0000-4000-8000-00000000de1e',
    clientSecret: 'demo~delegated~secret',
    tenant: 'common',
  },
  {
    name: 'Demo Microsoft (application)',
    provider: 'microsoft',
    clientId: '1e77e4b0-0000-4000-8000-000000000a99',
    clientSecret: 'demo~application~secret',
    tenant: tenants.contoso.domain,
  },
] as const;

/** A mailbox of nobody's own, which the account of `support` may open. */
export const sharedMailbox = { address: 'team@contoso.example', openTo: 'support@contoso.example' } as const;

export async function startProviders({
  directory,
  clock,
  onSent,
}: {
  directory: string | null;
  clock: Clock;
  /** Gets each mail that somebody sends through them. */
  onSent: (mail: SubmittedMail) => void;
}): Promise<Providers> {
  const identity = await startIdentity({ file: directory === null ? null : join(directory, 'identity.journal') });
  const google = await startGoogle({ verify: identity.verify('google'), clock, onSent });
  const microsoft = await startMicrosoft({ verify: identity.verify('microsoft'), clock, onSent });
  const addresses = (provider: 'google' | 'microsoft') =>
    demoUsers.filter((user) => user.provider === provider).map(({ address }) => address);
  const microsoftMailboxes = [...addresses('microsoft'), sharedMailbox.address];
  for (const address of microsoftMailboxes) microsoft.addMailbox(address);
  microsoft.grantFullAccess(sharedMailbox.address, sharedMailbox.openTo);
  microsoft.grantSendAs(sharedMailbox.address, sharedMailbox.openTo);

  return {
    identity,
    google,
    microsoft,
    hosts: {
      ...identity.hosts,
      'gmail.googleapis.com': google.url,
      ...Object.fromEntries(clouds.map((cloud) => [hostsOfCloud(cloud).graph, microsoft.url])),
    },
    deliver: (address, raw) => {
      if (addresses('google').includes(address)) google.deliver(raw, { mailbox: address });
      else if (microsoftMailboxes.includes(address)) microsoft.deliver(raw, { mailbox: address });
      else return false;
      return true;
    },
    exchange: {
      addresses: microsoftMailboxes,
      opens: async (address, token) => {
        const access = await identity.verify('microsoft')(token);
        const isForImap = access?.scopes.some((scope) => scope.endsWith('/IMAP.AccessAsUser.All')) ?? false;
        if (access == null || !isForImap) return false;
        const isShared = address === sharedMailbox.address && access.mailbox === sharedMailbox.openTo;
        return address === access.mailbox || isShared;
      },
    },
    registerApplications: async (callbackUrl) => {
      for (const { name, provider, clientId, clientSecret } of demoApplications)
        await identity.registerClient({ name, provider, clientId, clientSecret, redirectUris: [callbackUrl] });
    },
    close: async () => {
      await Promise.all([identity.close(), google.close(), microsoft.close()]);
    },
  };
}
