import type { Mailbox } from '../../domain/ports';
import { type Estimate, type Start, startUnavailable, unavailableStart } from '../../domain/start';
import { checkReport } from '../check-report';
import type { HttpDeps } from '../http';
import { download } from './download';
import { findFolder, folderFinder, listFolders } from './folders';
import { folderSchema, type GraphSettings, graphApi, withQuery } from './graph-api';
import { listArrivals, startNow } from './listing';
import { writePosition } from './position';
import { settleMessages } from './settle';

const unavailable = 'Letterbox can not begin there in a mailbox of Microsoft 365.';

/**
 * A Microsoft 365 mailbox through Microsoft Graph v1.0; delegated access needs Mail.ReadWrite (with Mail.ReadWrite.Shared
 * for somebody else's mailbox), application access the application permission Mail.ReadWrite. A handle is the message's
 * immutable id: it stays the same when the message is moved, so it can also serve as the message's fingerprint. The raw
 * bytes can't: Exchange writes them anew each time.
 */
export function graphMailbox(settings: GraphSettings, deps: HttpDeps): Mailbox {
  const api = graphApi(settings, deps);
  const { folder } = settings;
  const idOf = folderFinder(api);
  // Sizes told by a listing; they keep the mail that is fetched at once within memory.
  /** Below the folder, so that a message that has left it is not found there. */
  const messagesPath = async () =>
    `${api.base}/mailFolders/${encodeURIComponent(folder === '' ? 'inbox' : await idOf(folder))}/messages`;
  const sizes = new Map<string, number>();
  return {
    check: () =>
      checkReport(async (report) => {
        // Even where another folder is read: a mailbox that can be opened has an inbox.
        const inbox = withQuery(`${api.base}/mailFolders/inbox`, { $select: 'id,displayName' });
        await report.signIn(settings.host, deps, () => api.json({ path: inbox }, folderSchema));
        report.found(
          settings.mailbox === 'me' ? 'The mailbox can be opened.' : `The mailbox ${settings.mailbox} can be opened.`,
        );
        const found = await report.step('folder', () => findFolder(api, folder));
        report.found(`The folder "${found.displayName}" is there.`);
        return report.step('count', async () => ({
          total: found.totalItemCount ?? 0,
          unread: found.unreadItemCount ?? 0,
        }));
      }),
    folders: () => listFolders(api),
    estimate: (start) => estimate(start),
    begin: (start) => begin(start),
    preview: async () => [],
    list: async (position, limit) => {
      const listing = await listArrivals(api, folder, position, limit, deps.now());
      for (const { handle, size } of listing.arrivals) if (size !== null) sizes.set(handle, size);
      return listing;
    },
    fetch: async function* (handles, maxBytes) {
      yield* download(api, await messagesPath(), sizes, handles, maxBytes);
    },
    settle: async (handles, action, moveTo) => settleMessages(api, await messagesPath(), idOf, handles, action, moveTo),
    close: async () => undefined,
  };

  async function estimate({ from }: Start): Promise<Estimate> {
    if (from === 'now') return { count: 0, confidence: 'exact', reason: null, available: true, first: [] };
    if (from !== 'everything') return unavailableStart(unavailable);
    const { totalItemCount: count } = await findFolder(api, folder);
    return {
      count: count ?? null,
      confidence: count == null ? 'unknown' : 'exact',
      reason: null,
      available: true,
      first: [],
    };
  }

  async function begin({ from }: Start): Promise<string | null> {
    if (from === 'now') return writePosition(await startNow(api, folder));
    if (from === 'everything') return null;
    throw startUnavailable(unavailable);
  }
}
