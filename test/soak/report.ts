import { pollLimits } from '../../src/domain/limits';
import { printTable } from '../bench/table';
import type { Usage } from '../emulator/forge/forge';
import type { Phase, SoakResult } from './soak';

/** Forge's price list, in USD, and what is free each month (https://developer.atlassian.com/platform/forge/forge-platform-pricing/). */
const prices = {
  gbSeconds: { each: 0.000025, free: 200_000 },
  gbRead: { each: 0.055, free: 0.1 },
  gbWritten: { each: 1.09, free: 0.1 },
  gbLogged: { each: 1.005, free: 1 },
} as const;
type Cost = Record<keyof typeof prices, number>;

const GB = 2 ** 30;
const minutesAMonth = 30 * 24 * 60;
/** What a month is reckoned with, besides polls. */
const mailsAMonth = 300_000;
/** Milliseconds that calls may take on a real site, where nothing is on the same machine. */
const distance = { storage: 20, gateway: 150 } as const;
/** What an idle poll waits for, one after the other. */
const idleCalls = { storage: 3, gateway: 1 } as const;

/** Prints what the soak cost, and how well it went. */
export function printSoak(result: SoakResult, connections: number): void {
  const { calm, busy, storm } = result;
  const idle = scaled(costOf(calm.usage), 1 / calm.polls);
  const aMail = ({ usage, polls, mails }: Phase) => scaled(minus(costOf(usage), scaled(idle, polls)), 1 / mails);
  const mail = aMail(busy);
  const far = { ...idle, gbSeconds: gbSecondsAfar(calm, idle.gbSeconds) };

  printTable(
    ['cost of', 'count', 'GB-seconds', 'KVS bytes read', 'KVS bytes written', 'log bytes', 'USD a million'],
    (
      [
        ['an idle poll', calm.polls, idle],
        [`an idle poll, calls taking ${distance.storage} and ${distance.gateway} ms`, calm.polls, far],
        ['a mail', busy.mails, mail],
        ['a mail in the storm, with all that failed and hung', storm.mails, aMail(storm)],
      ] as const
    ).map(([what, count, cost]) => [
      what,
      count,
      cost.gbSeconds,
      cost.gbRead * GB,
      cost.gbWritten * GB,
      cost.gbLogged * GB,
      dollars(scaled(cost, 1_000_000), false),
    ]),
  );

  const polls = connections * minutesAMonth;
  printTable(
    [`a month of ${connections.toLocaleString('en')} connections, each minute`, 'USD', 'less what is free'],
    (
      [
        [`${polls.toLocaleString('en')} idle polls`, scaled(far, polls)],
        [`and ${mailsAMonth.toLocaleString('en')} mails`, plus(scaled(far, polls), scaled(mail, mailsAMonth))],
      ] as const
    ).map(([what, cost]) => [what, dollars(cost, false), dollars(cost, true)]),
  );

  printTable(
    ['limit of the platform in the storm', 'most', 'of', 'refused'],
    Object.entries(storm.usage.limits).map(([name, { most, of, refused }]) => [name, most, of, refused]),
  );
  printTable(
    ['what went wrong', 'times'],
    Object.entries(result.faults).sort(([, a], [, b]) => b - a),
  );

  const pauses = [...result.pauses].sort((a, b) => a - b);
  const at = (part: number) => Math.round((pauses[Math.floor((pauses.length - 1) * part)] ?? 0) / 1_000);
  printTable(
    ['in the storm', ''],
    [
      ['polls', storm.polls],
      ['mails that became issues', storm.mails],
      ['poison mails in quarantine', result.poisoned],
      ['invocations that were killed or failed', storm.usage.invocations.poll?.failures ?? 0],
      ['connections that were suspended', result.suspended],
      ['most polls in one second', result.mostPollsInASecond],
      ['pauses between polls of connections without trouble', pauses.length],
      ['seconds of these: median, 99 in 100, longest', `${at(0.5)}, ${at(0.99)}, ${at(1)}`],
      [
        'sessions opened with mail servers (before the storm)',
        `${result.sessionsOpened.storm} (${result.sessionsOpened.calm})`,
      ],
      ['minutes after the storm until all was done', result.calmedAfter],
      ['problems', result.problems.length],
    ],
  );
  for (const problem of result.problems) process.stdout.write(`PROBLEM: ${problem}\n`);
}

/** GB-seconds of an idle poll whose calls take long: an invocation polls several connections side by side. */
function gbSecondsAfar({ usage, polls }: Phase, measured: number): number {
  const invocations = usage.invocations.poll?.count ?? 1;
  const waits = idleCalls.storage * distance.storage + idleCalls.gateway * distance.gateway;
  const memoryGb = (usage.invocations.poll?.gbSeconds ?? 0) / ((usage.invocations.poll?.milliseconds ?? 1) / 1_000);
  const turns = Math.ceil(polls / invocations / pollLimits.parallel);
  return measured + (memoryGb * turns * waits * invocations) / 1_000 / polls;
}

function costOf({ invocations, kvs, logs }: Usage): Cost {
  // What administrators do on pages is no part of it.
  const gbSeconds = (invocations.poll?.gbSeconds ?? 0) + (invocations.plan?.gbSeconds ?? 0);
  return { gbSeconds, gbRead: kvs.bytesRead / GB, gbWritten: kvs.bytesWritten / GB, gbLogged: logs.bytes / GB };
}

function combined(a: Cost, b: Cost, combine: (a: number, b: number) => number): Cost {
  const { gbSeconds, gbRead, gbWritten, gbLogged } = a;
  return {
    gbSeconds: combine(gbSeconds, b.gbSeconds),
    gbRead: combine(gbRead, b.gbRead),
    gbWritten: combine(gbWritten, b.gbWritten),
    gbLogged: combine(gbLogged, b.gbLogged),
  };
}
const plus = (a: Cost, b: Cost) => combined(a, b, (one, other) => one + other);
const minus = (a: Cost, b: Cost) => combined(a, b, (one, other) => Math.max(0, one - other));
const scaled = (cost: Cost, factor: number) => combined(cost, cost, (one) => one * factor);

function dollars(cost: Cost, lessFree: boolean): number {
  return (Object.keys(prices) as (keyof Cost)[]).reduce((sum, kind) => {
    const { each, free } = prices[kind];
    return sum + Math.max(0, cost[kind] - (lessFree ? free : 0)) * each;
  }, 0);
}
