import type { Activity } from '../domain/activity-port';
import type { Connections } from '../domain/ports';
import { bucketsOf } from '../domain/tally';
import type { Tallies } from '../domain/tally-port';
import type { Audit } from './audit';
import type { Handlers } from './define';

export interface OverviewPorts {
  activity: Activity;
  tallies: Tallies;
  connections: Connections;
  audit: Audit;
  /** Epoch milliseconds. */
  now(): number;
}

export type OverviewFunction = `activity.${'charts' | 'lastDay' | 'settings' | 'saveSettings'}`;

/** What the pages call to show much mail at once, and to say how long each is remembered. */
export function activityOverviewHandlers(ports: OverviewPorts): Pick<Handlers, OverviewFunction> {
  const { activity, tallies, connections, audit, now } = ports;

  return {
    'activity.charts': async ({ connectionId, period }) => {
      const ids = connectionId === undefined ? await connectionIds() : [connectionId];
      const found = await tallies.getMany(ids);
      return { buckets: bucketsOf([...found.values()], period, now()) };
    },

    'activity.lastDay': async () => {
      const found = await tallies.getMany(await connectionIds());
      const at = now();
      return [...found].map(([connectionId, tally]) => ({
        connectionId,
        created: bucketsOf([tally], '24h', at).map(({ results }) => results.created ?? 0),
      }));
    },

    'activity.settings': async () => ({ days: await activity.keptDays() }),

    'activity.saveSettings': async ({ days }, caller) => {
      await activity.keepDays(days);
      const what = `changed to ${days === 1 ? 'one day' : `${days} days`}`;
      await audit({ noun: 'Setting', id: 'activity', name: 'Keep entries', what }, caller);
      return { days };
    },
  };

  async function connectionIds(): Promise<string[]> {
    return (await connections.list()).map(({ id }) => id);
  }
}
