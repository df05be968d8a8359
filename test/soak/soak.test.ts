import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { printSoak } from './report';
import { type SoakResult, soak } from './soak';

/** The soak of `npm run bench -- soak` in small: enough connections that polls share events, each limit of the platform on. */
const connections = 100;
const seed = Number(process.env.SOAK_SEED ?? 2);
const lines: string[] = [];
let result: SoakResult;

before(async () => {
  lines.push(`SOAK_SEED=${seed}`);
  result = await soak({ connections, calmMinutes: 3, minutes: 10, seed, say: (line) => lines.push(line) });
});
after(() => {
  if (result?.problems.length === 0) return;
  process.stdout.write(`${lines.join('\n')}\n`);
  if (result !== undefined) printSoak(result, connections);
});

test('each mail becomes exactly one issue, and only poison is in quarantine, whatever failed meanwhile', () => {
  assert.deepEqual(result.problems, []);
  assert.ok(result.mails > 30 && result.busy.mails > 0, `${result.mails} mails`);
  assert.ok(result.poisoned >= 2, `${result.poisoned} poison mails`);
});

test('the storm was one: functions died, calls and servers failed, connections had trouble', () => {
  const died = result.storm.usage.invocations.poll?.failures ?? 0;
  assert.ok(died > 0, 'no invocation died');
  for (const what of [
    ' kill ',
    ' timeout ',
    'batch/get connection/',
    'transaction cursor/',
    'set receipt:',
    'jira/',
    'remote:gateway',
    'mail server',
    'Gmail',
    'Graph',
  ]) {
    assert.ok(
      Object.keys(result.faults).some((fault) => fault.includes(what)),
      `nothing of "${what}" among ${Object.keys(result.faults).join(', ')}`,
    );
  }
  assert.ok(result.pauses.length < result.storm.polls, 'no connection had trouble');
  assert.ok(result.suspended > 0, 'no connection was suspended');
});

test('breaks no limit of the platform', () => {
  for (const [name, { refused, most, of }] of Object.entries(result.storm.usage.limits)) {
    assert.equal(refused, 0, `${name}: ${most} of ${of}`);
  }
});

test('polls a connection on time whose neighbours are in trouble', () => {
  // Not by the number of pauses: while the gateway is out of reach, every connection has trouble.
  const watched = result.connectionsWithPauses;
  assert.ok(watched > 0.9 * connections, `${watched} connections had time without trouble`);
  // Twice the interval: a run that was killed takes the polls of its event with it, and the next ones are a minute later.
  const longest = Math.max(...result.pauses);
  assert.ok(longest < 150_000, `${longest} ms between two polls`);
});

test('writes next to nothing and opens no session while nothing arrives', () => {
  const { calm, sessionsOpened } = result;
  assert.ok(calm.polls >= 3 * connections, `${calm.polls} polls`);
  // Each notes every fifteen minutes that it runs.
  assert.ok(calm.usage.kvs.writes <= connections, `${calm.usage.kvs.writes} writes`);
  assert.equal(sessionsOpened.calm, 0);
});
