import type { Estimate, Mailbox, StartPoint } from '../../domain/ports';
import { checkReport } from '../check-report';
import type { HttpDeps } from '../http';
import { download } from './download';
import { findFolder, folderFinder, listFolders } from './folders';
import { folderSchema, type GraphSettings, graphApi, withQuery } from './graph-api';
import { listArrivals, startNow } from './listing';
import { writePosition } from './position';
import { settleMessages } from './settle';

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

  async function estimate(start: StartPoint): Promise<Estimate> {
    if (start === 'now') return { count: 0, confidence: 'exact', position: writePosition(await startNow(api, folder)) };
    const { totalItemCount } = await findFolder(api, folder);
    return { count: totalItemCount ?? null, confidence: totalItemCount == null ? 'unknown' : 'exact', position: null };
  }
}
