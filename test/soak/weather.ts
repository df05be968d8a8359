import type { Fault } from '../emulator/forge/forge';
import type { ApiFault } from '../emulator/provider/faults';
import type { Product } from '../support/product';
import type { Random } from './random';
import { outages, type ShakyServer } from './shaky-server';

/** What goes wrong around the app, round by round, until it clears. */
export interface Weather {
  /** Another round of so many seconds begins: other things fail. */
  next(): void;
  clear(): void;
  /** Outages and answers of servers and providers that were asked for, by kind; what happens to calls is in `Forge.usage()`. */
  counts(): Record<string, number>;
}

export const roundSeconds = 20;

type Call = Omit<Fault, 'times'>;
const createIssue = 'POST jira/rest/api/3/issue$';

/** Each strikes one call. */
const storageFaults: readonly Call[] = [
  ...(['before', 'after'] as const).flatMap((when) => [
    { match: 'kvs/api/v1/set receipt:', when, kind: 'error' as const },
    { match: 'kvs/api/v1/transaction cursor/', when, kind: 'error' as const },
    { match: 'kvs/api/v1/batch/set activity/', when, kind: 'error' as const },
  ]),
  { match: 'kvs/api/v1/batch/get connection/', when: 'before', kind: 'error' },
  { match: 'kvs/api/v1/get receipt:', when: 'before', kind: 'error' },
  { match: 'kvs/api/v1/secret/get connection-password:', when: 'before', kind: 'error' },
  { match: 'kvs/api/v1/entity/get connection/', when: 'before', kind: 'error' },
  { match: 'kvs/api/v1/set receipt:', when: 'before', kind: 'error', status: 429 },
  { match: 'kvs/api/v1/entity/query', when: 'before', kind: 'error' },
  { match: 'queue/publish polls', when: 'before', kind: 'error', status: 429 },
  { match: 'queue/publish polls', when: 'after', kind: 'error' },
];
const jiraFaults: readonly Call[] = [
  { match: createIssue, when: 'before', kind: 'error', status: 429 },
  { match: createIssue, when: 'before', kind: 'error', status: 503 },
  { match: createIssue, when: 'before', kind: 'timeout' },
  { match: createIssue, when: 'after', kind: 'error', status: 504 },
  { match: createIssue, when: 'after', kind: 'timeout' },
  { match: '/attachments', when: 'before', kind: 'error', status: 500 },
  { match: '/attachments', when: 'after', kind: 'timeout' },
  { match: 'jira/rest/api/3/search/jql', when: 'before', kind: 'error', status: 500 },
];
const gatewayFaults: readonly Call[] = [
  { match: 'remote:gateway/v1/mailbox/list', when: 'before', kind: 'error', status: 503 },
  { match: 'remote:gateway/v1/mailbox/list', when: 'before', kind: 'timeout' },
  { match: 'remote:gateway/v1/mailbox/fetch', when: 'after', kind: 'timeout' },
  { match: 'remote:gateway/v1/mailbox/settle', when: 'before', kind: 'timeout' },
  { match: 'remote:gateway/v1/mailbox/settle', when: 'after', kind: 'timeout' },
];
const kills: readonly Call[] = [
  { match: createIssue, when: 'before', kind: 'kill' },
  { match: createIssue, when: 'after', kind: 'kill' },
  { match: 'kvs/api/v1/set receipt:', when: 'before', kind: 'kill' },
  { match: 'kvs/api/v1/set receipt:', when: 'after', kind: 'kill' },
  { match: 'kvs/api/v1/transaction cursor/', when: 'before', kind: 'kill' },
  { match: 'kvs/api/v1/transaction cursor/', when: 'after', kind: 'kill' },
  { match: 'remote:gateway/v1/mailbox/settle', when: 'after', kind: 'kill' },
];
const apiFaults: readonly Omit<ApiFault, 'match'>[] = [
  { kind: 'status', status: 429, retryAfter: '5' },
  { kind: 'status', status: 503 },
  { kind: 'status-after', status: 500 },
  { kind: 'html' },
  { kind: 'half-json' },
  { kind: 'reset' },
];

/** @param connections more of them meet more faults */
export function createWeather(
  random: Random,
  { forge, providers }: Product,
  shaky: readonly ShakyServer[],
  connections: number,
): Weather {
  const counts: Record<string, number> = {};
  const note = (kind: string) => {
    counts[kind] = (counts[kind] ?? 0) + 1;
  };
  /** Rounds that an outage lasts yet. */
  const left = new Map<ShakyServer, number>();
  let gatewayOutage = 0;

  /** How many of `aMinute` (with 1,000 connections) fall into this round; at least every other round one. */
  const some = <T>(kinds: readonly T[], aMinute: number): T[] => {
    const expected = Math.max(0.5, (aMinute * connections * roundSeconds) / 60_000);
    const count = Math.floor(expected) + (random.chance(expected % 1) ? 1 : 0);
    return Array.from({ length: count }, () => random.pick(kinds));
  };

  function failServers(): void {
    for (const server of shaky) {
      const rounds = (left.get(server) ?? 0) - 1;
      left.set(server, rounds);
      if (rounds === 0) server.heal();
      if (rounds > 0 || !random.chance(0.05)) continue;
      const outage = random.pick(outages);
      note(`mail server: ${outage}`);
      server.fail(outage);
      left.set(server, 1 + random.below(6));
    }
  }

  function gatewayFault(): Fault[] {
    gatewayOutage -= 1;
    if (gatewayOutage <= 0 && random.chance(1 / 45)) {
      gatewayOutage = 2 + random.below(3);
      note('gateway: out of reach');
    }
    const everything = Number.MAX_SAFE_INTEGER;
    return gatewayOutage > 0 ? [{ match: 'remote:gateway', when: 'before', kind: 'timeout', times: everything }] : [];
  }

  return {
    counts: () => counts,
    next() {
      failServers();
      const single = [
        ...some(storageFaults, 12),
        ...some(jiraFaults, 12),
        ...some(gatewayFaults, 9),
        ...some(kills, 3),
      ];
      forge.setFaults([...gatewayFault(), ...single.map((call) => ({ ...call, times: 1 }))]);
      for (const [name, provider] of [
        ['Gmail', providers.google],
        ['Graph', providers.microsoft],
      ] as const) {
        for (const fault of some(apiFaults, 2)) {
          note(`${name}: ${[fault.kind, fault.status].join(' ').trim()}`);
          provider.faults.add({ ...fault, match: /./ });
        }
      }
      if (!random.chance(1 / 30)) return;
      const provider = random.pick(['google', 'microsoft'] as const);
      note(`${provider === 'google' ? 'Google' : 'Microsoft'}: no tokens`);
      providers.identity.failTokenRequests({ provider, status: 503, body: 'busy', times: 1 });
    },
    clear() {
      forge.setFaults([]);
      providers.google.faults.clear();
      providers.microsoft.faults.clear();
      for (const server of shaky) server.heal();
    },
  };
}
