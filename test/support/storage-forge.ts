import { type Clock, systemClock } from '../emulator/clock';
import { createForge, type ForgeOptions } from '../emulator/forge/create-forge';
import type { Forge } from '../emulator/forge/forge';

/** A local Forge of which only the storage is used, for tests of adapters to it. */
export function storageForge(
  clock: Clock = systemClock(),
  options: Pick<ForgeOptions, 'codes' | 'queryLagMs'> = {},
): Promise<Forge> {
  const nothing = { handle: () => Promise.reject(new Error('not used')), scopes: () => [] };
  const unused = () => undefined;
  return createForge({
    manifest: new URL('../../manifest.yml', import.meta.url).pathname,
    functions: { resolve: unused, plan: unused, poll: unused, authorizeCallback: unused, watch: unused },
    products: { jira: nothing },
    remotes: {},
    directory: null,
    clock,
    ...options,
  });
}
