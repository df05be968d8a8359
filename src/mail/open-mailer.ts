import type { OpenMailer } from '../domain/mailer';
import { mailerUse } from '../domain/oauth-endpoints';
import { gatewayMailer } from './gateway-mailer';
import { gmailMailer } from './gmail/gmail-mailer';
import { graphMailer } from './graph/graph-mailer';
import { graphAccount, httpDeps, type OpenDeps, passwordOf, tokenOwner } from './sign-in';

/** Chooses the adapter that sends: over HTTPS from here, or by SMTP through the gateway. */
export function mailerOpener(deps: OpenDeps): OpenMailer {
  return async (settings, access) => {
    const { log } = access;
    if (settings.provider === 'smtp') {
      const isOpen = settings.username === '';
      const credentials = isOpen ? { none: true as const } : { password: await passwordOf(deps.secrets, access) };
      return gatewayMailer(deps.gateway, settings, credentials, { log });
    }
    const owner = tokenOwner(settings, mailerUse[settings.provider], access);
    switch (settings.provider) {
      case 'microsoft-smtp': {
        const { application, mailbox } = await graphAccount(deps.credentials, settings);
        // An application has no account of its own: it signs in as the mailbox that sends.
        const account = application ? { ...settings, username: mailbox } : settings;
        return gatewayMailer(deps.gateway, account, { accessToken: await deps.accessToken(owner) }, { log });
      }
      case 'google':
        return gmailMailer(settings, httpDeps(deps, owner, access));
      case 'microsoft-graph': {
        const account = await graphAccount(deps.credentials, settings);
        return graphMailer({ ...account, timeoutMs: settings.timeoutMs }, httpDeps(deps, owner, access));
      }
    }
  };
}
