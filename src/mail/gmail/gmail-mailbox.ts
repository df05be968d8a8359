import type { Estimate, Mailbox, StartPoint } from '../../domain/ports';
import { checkReport } from '../check-report';
import type { HttpDeps } from '../http';
import { download } from './download';
import { gmailApi, gmailHost, mailboxPath, profileSchema } from './gmail-api';
import { countMessages, labelFinder, listFolders } from './labels';
import { listArrivals, startNow } from './listing';
import { writePosition } from './position';
import { settleMessages } from './settle';

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
    estimate: (start) => estimate(start),
    list: (position, limit) => listArrivals(api, () => labelOf(folder), sizes, position, limit, deps.now()),
    fetch: async function* (handles, maxBytes) {
      yield* download(api, await labelOf(folder), sizes, handles, maxBytes);
    },
    settle: (handles, action, moveTo) => settleMessages(api, labelOf, folder, handles, action, moveTo),
    close: async () => undefined,
  };

  async function estimate(start: StartPoint): Promise<Estimate> {
    if (start === 'now')
      return {
        count: 0,
        confidence: 'exact',
        position: writePosition(await startNow(api, await labelOf(folder), deps.now())),
      };
    const { total } = await countMessages(api, await labelOf(folder));
    return { count: total, confidence: 'exact', position: null };
  }
}
