import type { AfterDownload } from '../../domain/connection';
import type { Listing, Settled } from '../../domain/ports';
import type { PartedMailbox } from '../parts';
import { checkMailbox } from './check';
import { download, partedDownload } from './download';
import { listAnew, listMore } from './listing';
import { openSession, type Session } from './session';
import type { Pop3Credentials, Pop3Deps, Pop3Settings } from './settings';
import { deleteMessages, hasLostOne } from './settle';
import { beginAt, estimateStart, previewOf } from './starting';
import { keepVisits, snapshotOf } from './visits';

/**
 * A mailbox by POP3 (RFC 1939). A session shows the mailbox as it was at sign-in and locks other clients out of it. So
 * `list` begins a new one, unless the last listing had more; `fetch` and `settle` go on in it; it ends with a listing that
 * finds nothing, with a deletion (which only QUIT carries out), and when it is not used for a while. Calls must not overlap,
 * but a download may stand still meanwhile.
 */
export function pop3Mailbox(settings: Pop3Settings, credentials: Pop3Credentials, deps: Pop3Deps): PartedMailbox {
  const visits = keepVisits(settings, credentials, deps);

  async function list(position: string | null, limit: number): Promise<Listing> {
    const going = position !== null && visits.listedTo() === position ? visits.resume() : null;
    const visit = going ?? (await visits.open());
    const listed =
      visit.snapshot !== null && visit.rest !== null
        ? await listMore(visit.session, visit.snapshot, visit.rest, limit)
        : await listAnew(visit.session, position, limit);
    visit.snapshot = listed.snapshot;
    visit.sizes = listed.sizes;
    visit.rest = listed.rest;
    if (listed.listing.arrivals.length === 0) await visits.end();
    return listed.listing;
  }

  async function settle(handles: readonly string[], action: AfterDownload): Promise<Settled[]> {
    // POP3 has no flags: a message that was taken stays as it is, and the position knows it.
    if (action === 'mark-read') return handles.map((handle) => ({ handle, outcome: 'settled' }));
    if (action === 'move') {
      const message = 'POP3 has no folders, so mail can not be moved. Choose another action, or use IMAP.';
      return handles.map((handle) => ({ handle, outcome: 'refused', message }));
    }
    if (handles.length === 0) return [];
    const resumed = visits.resume();
    let visit = resumed ?? (await visits.open());
    const { numbers } = await snapshotOf(visit);
    // Another session may have listed it, after this one began.
    const isUnknown = handles.some((handle) => !numbers.has(handle));
    if (isUnknown || (resumed !== null && (await hasLostOne(visit.session, numbers, handles)))) {
      visit = await visits.open();
    }
    try {
      return await deleteMessages(visit.session, await snapshotOf(visit), handles);
    } finally {
      // Whatever came of it, this session is over.
      visit.session.connection.drop();
    }
  }

  /** A short visit, so that other programs get into the mailbox again. */
  const look = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    visits.call(async () => {
      const result = await work((await visits.open()).session);
      await visits.end();
      return result;
    });

  return {
    check: () =>
      visits.call(async () => {
        await visits.end();
        return await checkMailbox(settings, (onStep) => openSession(settings, credentials, deps, onStep));
      }),
    async folders() {
      return [];
    },
    estimate: (start) => look((session) => estimateStart(session, start)),
    begin: (start) => look((session) => beginAt(session, start)),
    preview: (handles) => look((session) => previewOf(session, handles)),
    list: (position, limit) => visits.call(() => list(position, limit)),
    async *fetch(handles, maxBytes) {
      for await (const message of download(visits, handles, maxBytes)) {
        // In the mailbox, but not to be had: left out, as it is neither gone nor too large.
        if (message.outcome !== 'withheld') yield message;
      }
    },
    readParts: partedDownload(visits),
    settle: (handles, action) => visits.call(() => settle(handles, action)),
    close: () => visits.end(),
  };
}
