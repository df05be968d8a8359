import type { FunctionName, Payload, Values } from '../../src/resolvers/contract';
import type { ActivityView } from '../../src/resolvers/views';

/** What a list holds of whatever people name, change and delete. */
interface Listed {
  id: string;
  version: number;
  settings: { name: string };
}

/** What this page has changed of one kind of thing. */
interface Changes<T> {
  /** As the answer to the change had it, and when that came (epoch milliseconds). */
  saved: Map<string, { view: T; at: number }>;
  deleted: Set<string>;
}

/**
 * Milliseconds after which a list is believed that does not have what was saved here: somebody else has deleted it. Forge's queries
 * are seconds behind (FORGE.md §4).
 */
const believedAfterMs = 5 * 60_000;

export interface RecentChanges {
  /** Notes what a call changed. */
  note(name: FunctionName, payload: unknown, value: unknown): void;
  /** The answer of a list with what was changed here, until the list has it too. */
  merged<K extends FunctionName>(name: K, payload: Payload<K>, value: Values[K]): Values[K];
}

/**
 * What was saved, dismissed and deleted on this page. Lists come from queries, which may be behind: who adds a connection wants to
 * see it in the list.
 */
export function recentChanges(now: () => number = Date.now): RecentChanges {
  const entities = new Map<string, Changes<Listed>>();
  const dismissed = new Map<string, ActivityView>();

  function changesOf(kind: string): Changes<Listed> {
    const changes = entities.get(kind) ?? { saved: new Map(), deleted: new Set() };
    entities.set(kind, changes);
    return changes;
  }

  function mergedList<T extends Listed>(kind: string, listed: T[]): T[] {
    const { saved, deleted } = changesOf(kind);
    const versionOf = new Map(listed.map(({ id, version }) => [id, version]));
    for (const [id, { view, at }] of saved) {
      const version = versionOf.get(id);
      const isCurrent = version === undefined ? now() - at > believedAfterMs : version >= view.version;
      if (isCurrent) saved.delete(id);
    }
    const kept = listed.filter(({ id }) => !deleted.has(id));
    if (saved.size === 0) return kept;
    const own = [...saved.values()].map(({ view }) => view as T);
    return [...kept.filter(({ id }) => !saved.has(id)), ...own].sort(byName);
  }

  function mergedEntries(entries: ActivityView[], { result }: Payload<'activity.list'>): ActivityView[] {
    return entries.flatMap((entry) => {
      const own = dismissed.get(entry.id);
      if (own === undefined || entry.at >= own.at) {
        dismissed.delete(entry.id);
        return [entry];
      }
      return result === undefined || result === own.result ? [own] : [];
    });
  }

  return {
    note: (name, payload, value) => {
      const [kind = '', verb] = name.split('.');
      if (name === 'activity.dismiss') dismissed.set((value as ActivityView).id, value as ActivityView);
      if (!['connections', 'outgoing', 'credentials', 'alerts'].includes(kind)) return;
      const { saved, deleted } = changesOf(kind);
      if (verb === 'delete') {
        const { id } = payload as { id: string };
        deleted.add(id);
        saved.delete(id);
      }
      const view = savedView(value);
      if (view !== null && verb !== 'get') saved.set(view.id, { view, at: now() });
    },
    merged: (name, payload, value) => {
      const lists: { [K in FunctionName]?: (value: Values[K]) => Values[K] } = {
        'connections.list': (all) => mergedList('connections', all),
        'outgoing.list': (all) => mergedList('outgoing', all),
        'credentials.list': (all) => ({ ...all, credentials: mergedList('credentials', all.credentials) }),
        'alerts.list': (all) => ({ ...all, alerts: mergedList('alerts', all.alerts) }),
        'activity.list': (page) => ({
          ...page,
          entries: mergedEntries(page.entries, payload as Payload<'activity.list'>),
        }),
      };
      return lists[name]?.(value) ?? value;
    },
  };
}

/** What a change answers with: the thing itself, or beside the report of a test. */
function savedView(value: unknown): Listed | null {
  if (typeof value !== 'object' || value === null) return null;
  if ('connection' in value) return savedView(value.connection);
  return 'id' in value && 'version' in value && 'settings' in value ? (value as Listed) : null;
}

/** As the store sorts its index of names. */
const byName = (a: Listed, b: Listed) =>
  a.settings.name < b.settings.name ? -1 : a.settings.name > b.settings.name ? 1 : 0;
