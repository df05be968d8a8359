import { AppError } from '../../src/domain/app-error';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { pollConnection } from '../../src/intake/poll-connection';
import type { World } from './world';

/** Where a run is broken: at its n-th passage of `step`, which is before or after a port call. */
export interface Break {
  at: number;
  how: 'kill' | 'fail' | 'fail-unsure';
}

export interface BrokenPollOptions {
  /** Milliseconds by which the clock of the run's machine is wrong; the store keeps its own. */
  clockOffMs?: number;
  /** Ids of activity entries that are tried again. */
  reprocess?: readonly string[];
  /** Changes what the run meets. */
  change?: (ports: IntakePorts) => IntakePorts;
}

/** One poll that is broken at a passage; ends when the run ends or is killed. Returns the passages that it went through. */
export async function brokenPoll(
  world: World,
  breaking: Break | null,
  { clockOffMs = 0, reprocess = [], change = (ports) => ports }: BrokenPollOptions = {},
): Promise<string[]> {
  const passages: string[] = [];
  let killed: () => void = () => undefined;
  const death = new Promise<void>((resolve) => {
    killed = resolve;
  });
  let isDead = false;
  const step = async (name: string, when: 'before' | 'after') => {
    if (isDead) await new Promise(() => undefined);
    passages.push(`${when} ${name}`);
    if (breaking === null || passages.length !== breaking.at) return;
    if (breaking.how === 'kill') {
      isDead = true;
      killed();
      await new Promise(() => undefined);
    }
    const uncertain = when === 'after' || breaking.how === 'fail-unsure';
    throw new AppError('injected', 'transient', 'Injected.', { uncertain });
  };
  const ports = world.ports({ step });
  const run = change({ ...ports, now: () => ports.now() + clockOffMs });
  await Promise.race([pollConnection(run, 'c1', true, reprocess).catch(() => undefined), death]);
  return passages;
}
