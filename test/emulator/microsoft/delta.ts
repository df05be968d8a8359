import type { ApiAnswer, ApiCall } from '../provider/api-server';
import { graphError } from './errors';
import { type ExchangeMailbox, idOfKey } from './mailbox';
import { isAnswer, readQuery } from './odata';
import { messageJson, select } from './representation';

/** Whatever page size is preferred, Exchange may stay below it. */
const largestPage = 100;

export interface Entry {
  key: string;
  /** The message as it is, its changed flag alone, or that it was removed. */
  as: 'whole' | 'flag' | 'removed';
}

export interface TokenState {
  mailbox: string;
  folder: string;
  changeType: string | null;
  select: readonly string[] | null;
  expand: boolean;
  /** What is left to page through in this round. */
  rest: Entry[];
  /** Where the next round begins in the mailbox's changes. */
  next: number;
}

export interface DeltaTokens {
  /** Those that are good still. */
  tokens: Map<string, TokenState>;
  page(
    call: ApiCall,
    mailbox: ExchangeMailbox,
    folder: string,
    link: (query: string) => string,
    immutable: boolean,
  ): ApiAnswer;
  expire(): void;
}

/** `messages/delta`: rounds of pages, each ending with a new token, and no order among the messages of a round. */
export function createDeltaTokens(): DeltaTokens {
  const tokens = new Map<string, TokenState>();
  // A token from before a restart is none of these.
  let issued = Date.now();
  const issue = (state: TokenState) => {
    issued += 1;
    const token = `R0usmcCM996atia_s${issued}vr6sXpLQzRtGBtLYxsqBwvzCbyyqBmJ${'k'.repeat(120)}`;
    tokens.set(token, state);
    return token;
  };

  const begin = (
    call: ApiCall,
    mailbox: ExchangeMailbox,
    folder: string,
    immutable: boolean,
  ): TokenState | ApiAnswer => {
    const token = call.query.get('$deltatoken') ?? call.query.get('$skiptoken');
    if (token !== null) {
      const state = tokens.get(token);
      if (state === undefined || state.mailbox !== mailbox.address || state.folder !== folder) return graphError(410);
      return call.query.has('$skiptoken')
        ? state
        : { ...state, rest: changesSince(mailbox, state, immutable), next: mailbox.changes.length };
    }
    const query = readQuery(call.query, 'message', ['$select', '$expand', 'changeType']);
    if (isAnswer(query)) return query;
    const changeType = call.query.get('changeType');
    if (changeType !== null && !['created', 'updated', 'deleted'].includes(changeType)) return graphError(400);
    const rest = [...mailbox.messages.values()]
      .filter((message) => message.folder === folder)
      .map(({ key }): Entry => ({ key, as: 'whole' }));
    return {
      mailbox: mailbox.address,
      folder,
      changeType,
      select: query.select,
      expand: query.expand,
      rest: shuffle(rest),
      next: mailbox.changes.length,
    };
  };

  return {
    tokens,
    page: (call, mailbox, folder, link, immutable) => {
      const state = begin(call, mailbox, folder, immutable);
      if ('status' in state) return state;
      const preferred = Number(/odata\.maxpagesize=(\d+)/.exec(call.headers.prefer ?? '')?.[1] ?? 10);
      const size = Math.min(Math.max(preferred, 1), largestPage);
      const value = state.rest.slice(0, size).flatMap(({ key, as }): object[] => {
        if (as === 'removed') return [{ id: idOfKey(key, folder, immutable), '@removed': { reason: 'deleted' } }];
        const message = mailbox.messages.get(key);
        if (message?.folder !== folder) return [];
        const json = messageJson(message, immutable, state.expand);
        const shown = as === 'flag' ? { id: json.id, isRead: json.isRead } : select(json, state.select);
        return [{ '@odata.type': '#microsoft.graph.message', ...shown }];
      });
      const rest = state.rest.slice(size);
      const links =
        rest.length > 0
          ? { '@odata.nextLink': link(`$skiptoken=${issue({ ...state, rest })}`) }
          : { '@odata.deltaLink': link(`$deltatoken=${issue({ ...state, rest: [] })}`) };
      return { status: 200, body: { '@odata.context': link('').replace('?', '#'), value, ...links } };
    },
    expire: () => tokens.clear(),
  };
}

/**
 * What a round tells. Removed and read messages are told whatever type was asked for (Microsoft Graph, "message: delta");
 * one that left and came back is told as removed only, where ids are immutable (microsoft-graph-docs issue 21752).
 */
function changesSince(mailbox: ExchangeMailbox, state: TokenState, immutable: boolean): TokenState['rest'] {
  const entries = new Map<string, Entry>();
  for (const { folder, type, key } of mailbox.changes.slice(state.next)) {
    if (folder !== state.folder) continue;
    const before = entries.get(key)?.as;
    if (type === 'deleted') entries.set(key, { key, as: 'removed' });
    else if (type === 'created' && !(immutable && before === 'removed')) entries.set(key, { key, as: 'whole' });
    else if (type === 'updated' && before === undefined)
      entries.set(key, { key, as: state.changeType === 'created' ? 'flag' : 'whole' });
  }
  const isWanted = ({ as }: Entry) => as !== 'whole' || state.changeType !== 'deleted';
  return shuffle([...entries.values()].filter(isWanted));
}

/** Always the same disorder: newest first, with neighbours swapped. */
function shuffle<T>(items: T[]): T[] {
  const reversed = items.reverse();
  return reversed.map((item, index) => reversed[index ^ 1] ?? item);
}
