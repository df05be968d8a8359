import { mailboxUse } from '../domain/oauth-endpoints';
import type { OpenMailbox } from '../domain/ports';
import { gatewayMailbox } from './gateway-client';
import { type GatewayWay, gatewayWay } from './gateway-way';
import { gmailMailbox } from './gmail/gmail-mailbox';
import { graphMailbox } from './graph/graph-mailbox';
import { graphAccount, httpDeps, type OpenDeps, passwordOf, tokenOwner } from './sign-in';

/** Chooses the adapter that reads a mailbox: over HTTPS from here, or by IMAP or POP3 through the gateway. */
export function mailboxOpener(deps: OpenDeps, way: GatewayWay = gatewayWay()): OpenMailbox {
  return async (settings, access) => {
    const options = { log: access.log, way };
    if (settings.provider === 'imap' || settings.provider === 'pop3') {
      return gatewayMailbox(deps.gateway, settings, { password: await passwordOf(deps.secrets, access) }, options);
    }
    const owner = tokenOwner(settings, mailboxUse[settings.provider], access);
    switch (settings.provider) {
      case 'microsoft-imap':
        return gatewayMailbox(deps.gateway, settings, { accessToken: await deps.accessToken(owner) }, options);
      case 'google':
        return gmailMailbox(settings, httpDeps(deps, owner, access));
      case 'microsoft-graph': {
        const { folder, timeoutMs } = settings;
        const account = await graphAccount(deps.credentials, settings);
        return graphMailbox({ ...account, folder, timeoutMs }, httpDeps(deps, owner, access));
      }
    }
  };
}
