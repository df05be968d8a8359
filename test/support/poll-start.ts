import type { IntakePorts } from '../../src/intake/intake-ports';

type Stores = Pick<IntakePorts, 'connections' | 'cursors'>;

/** These ports, whose polls begin with what these very stores hold, one after the other. */
export function beginningWithOwnStores<P extends Stores>(ports: P): P & Pick<IntakePorts, 'readPollStart'> {
  const { connections, cursors } = ports;
  return {
    ...ports,
    readPollStart: async (id) => {
      const connection = await connections.get(id);
      return { connection, cursor: connection === null ? null : await cursors.get(id) };
    },
  };
}
