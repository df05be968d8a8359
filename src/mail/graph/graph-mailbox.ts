import type { Mailbox } from '../../domain/ports';
import { checkReport } from '../check-report';
import type { HttpDeps } from '../http';
import { download } from './download';
import { estimateStart } from './estimate';
import { findFolder, folderFinder, listFolders } from './folders';
import { folderSchema, type GraphSettings, graphApi, withQuery } from './graph-api';
import { listArrivals } from './listing';
import { previewMessages } from './preview';
import { settleMessages } from './settle';
import { beginAt } from './starting';

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
  /** Below the folder, so that a message that has left it is not found there. */
  const messagesPath = async () =>
    `${api.base}/mailFolders/${encodeURIComponent(folder === '' ? 'inbox' : await idOf(folder))}/messages`;
  // Sizes told by a listing; they keep the mail that is fetched at once within memory.
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
    estimate: (start) => estimateStart(api, folder, start),
    begin: (start) => beginAt(api, folder, start),
    preview: async (handles) => previewMessages(api, await messagesPath(), handles),
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
}
