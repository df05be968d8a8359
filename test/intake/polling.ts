import assert from 'node:assert/strict';
import { AppError } from '../../src/domain/app-error';
import { pollLimits } from '../../src/domain/limits';
import type { Mailbox } from '../../src/domain/ports';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { pollConnection } from '../../src/intake/poll-connection';
import { createWorld, type World } from '../support/world';

export type Change = (ports: IntakePorts) => IntakePorts;
export const poll = (world: World, change: Change = (ports) => ports, reprocess: string[] = []) =>
  pollConnection(change(world.ports()), 'c1', true, reprocess);

export const entries = (world: World) => [...world.activity.values()];
export const told = (world: World) =>
  entries(world).map(({ subject, result, issueKey }) => [subject, result, issueKey]);
export const summaries = (world: World) => world.issues.map(({ draft }) => draft.summary);

/** Some methods of the mailbox are others. */
export const withMailbox =
  (replaced: (mailbox: Mailbox) => Partial<Mailbox>): Change =>
  (ports) => ({
    ...ports,
    openMailbox: async (...args) => {
      const mailbox = await ports.openMailbox(...args);
      return { ...mailbox, ...replaced(mailbox) };
    },
  });

/** Jira refuses issues with this summary. */
export const refusing =
  (summary: string): Change =>
  (ports) => ({
    ...ports,
    issues: {
      ...ports.issues,
      create: async (draft) => {
        if (draft.summary !== summary) return ports.issues.create(draft);
        throw new AppError('issue-refused', 'message', 'Jira refused the description.');
      },
    },
  });

/** A world whose only quarantined mail is "bad", refused by Jira until it was given up. */
export async function withGivenUp(raws: Uint8Array[], settings: Record<string, unknown> = {}): Promise<World> {
  const world = createWorld(raws, settings);
  for (let round = 0; round < pollLimits.attempts; round += 1) {
    await poll(world, refusing('bad'));
    world.advance(60 * 60_000);
  }
  assert.equal(quarantined(world).length, 1);
  return world;
}
export const quarantined = (world: World) => entries(world).filter(({ result }) => result === 'quarantined');

/** Makes one port method fail as long as `error` returns something. */
export function failing<P extends 'issues' | 'receipts' | 'cursors'>(
  port: P,
  method: keyof IntakePorts[P],
  error: () => AppError | null,
) {
  return (ports: IntakePorts): IntakePorts => {
    const original = ports[port][method] as (...args: unknown[]) => Promise<unknown>;
    const replaced = async (...args: unknown[]) => {
      const failure = error();
      if (failure !== null) throw failure;
      return original(...args);
    };
    return { ...ports, [port]: { ...ports[port], [method]: replaced } };
  };
}
