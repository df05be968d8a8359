import { toPageError } from './call';
import { flag } from './flags';

/** Does what somebody asked for. Why it failed is told in a flag, since what they pressed may be far from any other place. */
export async function attempt(failed: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const { message, detail } = toPageError(thrown);
    flag('error', failed, detail === null ? message : `${message} (“${detail}”)`);
  }
}
