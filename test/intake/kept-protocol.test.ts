import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { protocolLimits } from '../../src/domain/limits';
import type { OpenMailbox } from '../../src/domain/ports';
import { protocolMs } from '../../src/domain/protocol';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { pollConnection } from '../../src/intake/poll-connection';
import { createWorld, mail, type World } from '../support/world';

function switchedOn(world: World): void {
  world.connection = { ...world.connection, logUntil: world.ports().now() + protocolMs };
}

const textsOf = (world: World): string[] => (world.protocols.get('c1')?.lines ?? []).map(({ text }) => text);

/** Ports whose mailbox tells its protocol, and notes whether it was asked to. */
function talking(world: World, ports: IntakePorts = world.ports()): { ports: IntakePorts; asked: boolean[] } {
  const asked: boolean[] = [];
  const openMailbox: OpenMailbox = async (settings, access) => {
    asked.push(access.log !== undefined);
    access.log?.('C: NOOP', 1_500);
    return ports.openMailbox(settings, access);
  };
  return { ports: { ...ports, openMailbox }, asked };
}

test('keeps what was said in a poll between when and why it began and what came of it', async () => {
  const world = createWorld([mail('One')]);
  switchedOn(world);
  const { ports } = talking(world);
  await pollConnection(ports, 'c1', true);
  const lines = world.protocols.get('c1')?.lines ?? [];
  assert.deepEqual(
    lines.map(({ text }) => text),
    ['# Poll begins: somebody asked for it.', 'C: NOOP', '# Poll ends after 0 ms: what was there is done.'],
  );
  assert.deepEqual(
    lines.map(({ at }) => at - ports.now()),
    [0, -1_500, 0],
  );
});

test('asks for nothing, and keeps nothing, unless the log is on', async () => {
  const world = createWorld([mail('One')]);
  const { ports, asked } = talking(world);
  await pollConnection(ports, 'c1', false);
  assert.deepEqual([asked, world.protocols.size], [[false], 0]);

  switchedOn(world);
  world.advance(protocolMs - 1);
  await pollConnection(ports, 'c1', false);
  assert.deepEqual([asked.at(-1), textsOf(world).length], [true, 3]);
  world.advance(1);
  await pollConnection(ports, 'c1', false);
  assert.deepEqual([asked.at(-1), textsOf(world).length], [false, 3]);
});

test('an idle poll costs a read of the connection and one write more while the log is on, and nothing while it is off', async () => {
  const world = createWorld([]);
  const steps = async () => {
    const called: string[] = [];
    await pollConnection(
      world.ports({ step: (name, when) => void (when === 'before' && called.push(name)) }),
      'c1',
      false,
    );
    return called;
  };
  await steps();
  assert.deepEqual(await steps(), ['connections.get', 'cursors.get', 'openMailbox', 'mailbox.list']);
  switchedOn(world);
  assert.deepEqual((await steps()).slice(4), ['connections.get', 'protocols.append']);
});

test('a poll that failed to connect says with what', async () => {
  const world = createWorld([]);
  switchedOn(world);
  const openMailbox = () =>
    Promise.reject(new AppError('host-unreachable', 'transient', 'Nobody answers.', { detail: 'go away' }));
  await pollConnection({ ...world.ports(), openMailbox }, 'c1', false);
  assert.match(
    textsOf(world).at(-1) ?? '',
    /^# Poll ends after 0 ms: host-unreachable\. Nobody answers\. The server said: go away$/,
  );

  await pollConnection(world.ports(), 'c1', false);
  assert.match(textsOf(world).at(-1) ?? '', /it is left out until 2026-11-20T\S+Z, since an earlier one failed/);
});

test('switching the log on does not discard the work of a running poll', async () => {
  const world = createWorld([mail('One'), mail('Two')]);
  const ports = world.ports({
    step: async (name, when) => {
      if (name === 'issues.create' && when === 'before' && world.issues.length === 0) {
        await world.ports().connections.amend({ ...world.connection, logUntil: Number.MAX_SAFE_INTEGER });
      }
    },
  });
  assert.equal(await pollConnection(ports, 'c1', false), 'done');
  assert.equal(world.issues.length, 2);
  assert.equal(world.cursor()?.position, '7:2');
  assert.equal(world.connection.logUntil, Number.MAX_SAFE_INTEGER);
});

test('the log that was switched on during a poll stays on when that poll suspends the connection', async () => {
  const world = createWorld([]);
  const openMailbox = async () => {
    await world.ports().connections.amend({ ...world.connection, logUntil: 42 });
    throw new AppError('authorization-expired', 'access', 'No.');
  };
  await pollConnection({ ...world.ports(), openMailbox }, 'c1', false);
  assert.deepEqual([world.connection.state, world.connection.logUntil], ['suspended', 42]);
});

test('a connection that was deleted meanwhile gets no protocol back', async () => {
  const world = createWorld([mail('One')]);
  switchedOn(world);
  const ports = world.ports({
    step: async (name, when) => {
      if (name === 'mailbox.list' && when === 'after') await world.ports().connections.remove('c1');
    },
  });
  await pollConnection(ports, 'c1', false);
  assert.equal(world.protocols.size, 0);
});

test('a protocol that could not be stored costs no mail', async () => {
  const world = createWorld([mail('One')]);
  switchedOn(world);
  const ports = world.ports();
  const append = () => Promise.reject(new Error('full'));
  assert.equal(await pollConnection({ ...ports, protocols: { ...ports.protocols, append } }, 'c1', false), 'done');
  assert.equal(world.issues.length, 1);
});

test('holds a bounded number of lines of a poll that talks without end', async () => {
  const world = createWorld([]);
  switchedOn(world);
  const openMailbox: OpenMailbox = async (_settings, { log }) => {
    for (let line = 0; line < 5 * protocolLimits.lines; line += 1) log?.(`C: ${line}`);
    throw new AppError('connection-lost', 'transient', 'Cut.');
  };
  await pollConnection({ ...world.ports(), openMailbox }, 'c1', false);
  const protocol = world.protocols.get('c1');
  assert.deepEqual([protocol?.lines.length, protocol?.cut], [protocolLimits.lines, true]);
  assert.match(textsOf(world).at(-1) ?? '', /connection-lost/);
  assert.equal(textsOf(world).at(-2), `C: ${5 * protocolLimits.lines - 1}`);
});
