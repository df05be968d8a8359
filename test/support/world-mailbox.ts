import type { Fetched, Mailbox, Settled } from '../../src/domain/ports';
import type { Start } from '../../src/domain/start';
import { previewFrom } from '../../src/mail/preview';
import type { Mail } from './world';

export type Call = <T>(name: string, effect: () => T | Promise<T>) => Promise<T>;

/** The mailbox of the small world. Positions are `<validity>:<last uid>`, with the UIDs that were wanted at the start. */
export function worldMailbox(mails: Mail[], validity: number, call: Call): Mailbox {
  const handleOf = ({ uid }: Mail) => `${validity}.${uid}`;
  const here = (handle: string) => mails.find((one) => handleOf(one) === handle && !one.gone);
  const there = () => mails.filter(({ gone }) => !gone);
  const positionOf = (last: number, first: readonly number[]) =>
    [validity, last, ...(first.length === 0 ? [] : [first.join()])].join(':');
  return {
    check: () => Promise.reject(new Error('not used')),
    folders: async () => [],
    estimate: async (start) => {
      const wanted = start.from === 'everything' ? there() : there().filter((one) => isMeant(one, start));
      return { count: wanted.length, confidence: 'exact', reason: null, available: true, first: [] };
    },
    preview: (handles) =>
      call('mailbox.preview', async () => {
        const found = handles.flatMap((handle) => here(handle) ?? []);
        return Promise.all(found.map((one) => previewFrom(handleOf(one), one.receivedAt ?? null, one.raw)));
      }),
    begin: async (start) => {
      if (start.from === 'everything') return null;
      const wanted = there().filter((one) => isMeant(one, start));
      return positionOf(
        Math.max(0, ...there().map(({ uid }) => uid)),
        wanted.map(({ uid }) => uid),
      );
    },
    list: (position, limit) =>
      call('mailbox.list', () => {
        const [known, last = '0', set = ''] = position?.split(':') ?? [];
        const reset = position !== null && Number(known) !== validity;
        const after = reset ? 0 : Number(last);
        const first = set === '' || reset ? [] : set.split(',').map(Number);
        const early = there().filter(({ uid }) => first.includes(uid));
        const fresh = [...early, ...there().filter(({ uid }) => uid > after)];
        const page = fresh.slice(0, limit);
        const rest = early.slice(limit).map(({ uid }) => uid);
        return {
          arrivals: page.map((one) => ({
            handle: handleOf(one),
            size: one.raw.byteLength,
            receivedAt: one.receivedAt ?? null,
            unread: !one.seen,
          })),
          position: page.length === 0 && !reset ? position : positionOf(Math.max(after, page.at(-1)?.uid ?? 0), rest),
          more: fresh.length > page.length,
          reset,
        };
      }),
    fetch: async function* (handles) {
      for (const handle of handles) {
        const fetched = await call('mailbox.fetch', (): Fetched => {
          const one = here(handle);
          return one === undefined ? { handle, outcome: 'gone' } : { handle, outcome: 'raw', raw: one.raw };
        });
        yield fetched;
      }
    },
    settle: (handles, action) =>
      call('mailbox.settle', () =>
        handles.map((handle): Settled => {
          const one = here(handle);
          if (one === undefined) return { handle, outcome: 'gone' };
          if (action === 'mark-read') one.seen = true;
          else one.gone = true;
          return { handle, outcome: 'settled' };
        }),
      ),
    close: async () => undefined,
  };
}

function isMeant({ seen, receivedAt }: Mail, start: Start): boolean {
  if (start.from === 'unread') return !seen;
  return start.from === 'since' && (receivedAt ?? start.since) >= start.since;
}
