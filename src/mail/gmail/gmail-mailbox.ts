import type { Mailbox } from '../../domain/ports';
import { checkReport } from '../check-report';
import type { HttpDeps } from '../http';
import { download } from './download';
import { estimateStart } from './estimate';
import { gmailApi, gmailHost, mailboxPath, profileSchema } from './gmail-api';
import { countMessages, labelFinder, listFolders } from './labels';
import { listArrivals } from './listing';
import { previewMessages } from './preview';
import { settleMessages } from './settle';
import { beginAt } from './starting';

export interface GmailSettings {
  /** A label's name, levels separated by "/"; empty is the inbox. */
  folder: string;
  timeoutMs: number;
}

/**
 * A Gmail mailbox through the Gmail REST API, with the scope `gmail.modify`. A handle is Gmail's message id: it never
 * changes and is never used again, so it can also serve as the message's fingerprint.
 */
export function gmailMailbox(settings: GmailSettings, deps: HttpDeps): Mailbox {
  const api = gmailApi(settings.timeoutMs, deps);
  const { folder } = settings;
  const labelOf = labelFinder(api);
  // Sizes told by a listing, so that fetching what was just listed does not ask for them again.
  const sizes = new Map<string, number>();
  return {
    check: () =>
      checkReport(async (report) => {
        const profile = await report.signIn(gmailHost, deps, () =>
          api.json({ path: `${mailboxPath}/profile` }, profileSchema),
        );
        report.found(`Signed in as ${profile.emailAddress}.`);
        const label = await report.step('folder', () => labelOf(folder));
        report.found(folder === '' ? 'The inbox is there.' : `The label "${folder}" is there.`);
        return report.step('count', () => countMessages(api, label));
      }),
    folders: () => listFolders(api),
    estimate: async (start) => estimateStart(api, await labelOf(folder), start, deps.now()),
    begin: async (start) => beginAt(api, await labelOf(folder), start, deps.now()),
    preview: (handles) => previewMessages(api, handles),
    list: (position, limit) => listArrivals(api, () => labelOf(folder), sizes, position, limit, deps.now()),
    fetch: async function* (handles, maxBytes) {
      yield* download(api, await labelOf(folder), sizes, handles, maxBytes);
    },
    settle: (handles, action, moveTo) => settleMessages(api, labelOf, folder, handles, action, moveTo),
    close: async () => undefined,
  };
}
