import type { Forge } from '../forge/forge.ts';
import type { Jira } from '../jira/jira.ts';
import type { MailServer } from '../mail-server/mail-server.ts';
import type { AppManifest } from './app-manifest.ts';
import type { Pages } from './page-files.ts';

/** What the local host is made of. */
export interface LocalParts {
  /** Where it is reached, without a trailing slash. */
  url: string;
  forge: Forge;
  jira: Jira;
  mail: MailServer;
  manifest: AppManifest;
  pages: Pages;
  gatewayUrl: string;
}
