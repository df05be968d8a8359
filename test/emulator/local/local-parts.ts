import type { Forge } from '../forge/forge';
import type { Jira } from '../jira/jira';
import type { MailServer } from '../mail-server/mail-server';
import type { AppManifest } from './app-manifest';
import type { Pages } from './page-files';
import type { Providers } from './providers';

/** What the local host is made of. */
export interface LocalParts {
  /** Where it is reached, without a trailing slash. */
  url: string;
  forge: Forge;
  jira: Jira;
  mail: MailServer;
  providers: Providers;
  manifest: AppManifest;
  pages: Pages;
  gatewayUrl: string;
  /** Registers today's callback URL for the demo applications. */
  registerCallback(): Promise<void>;
}
