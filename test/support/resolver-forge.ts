import { administratorCheck } from '../../src/jira/permissions';
import { guardedResolver, type Handlers } from '../../src/resolvers/define';
import { type Clock, systemClock } from '../emulator/clock';
import { createForge, type ForgeOptions } from '../emulator/forge/create-forge';
import type { Forge, SeenCall } from '../emulator/forge/forge';
import { createJira } from '../emulator/jira/jira';

/** A Forge on which only these functions of the page run, behind the real guard. */
export function resolverForge(
  handlers: Partial<Handlers>,
  clock: Clock = systemClock(),
  observe: (call: SeenCall) => void = () => undefined,
  options: Pick<ForgeOptions, 'queryLagMs'> = {},
): Promise<Forge> {
  const resolve = guardedResolver(handlers, {
    isAdministrator: administratorCheck(clock.now),
    isLicensed: () => true,
    log: () => undefined,
  });
  const unused = () => undefined;
  return createForge({
    manifest: new URL('../../manifest.yml', import.meta.url).pathname,
    functions: { resolve, plan: unused, poll: unused, authorizeCallback: unused, watch: unused },
    products: { jira: createJira({ clock, directory: null }) },
    remotes: {},
    directory: null,
    clock,
    observe,
    ...options,
  });
}
