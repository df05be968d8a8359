import assert from 'node:assert/strict';
import type { FunctionName, Payload, Result, Values } from '../../src/resolvers/contract';
import type { Forge } from '../emulator/forge/forge';

type Call = <K extends FunctionName>(name: K, payload: Payload<K>) => Promise<Values[K]>;
type Refusal = Extract<Result<never>, { ok: false }>['error'];

/** Enables a connection as the dialog does, where somebody agrees to every number that it names. */
export async function enableFrom(call: Call, id: string, start: Payload<'connections.enable'>['start']) {
  const { settings, version } = await call('connections.get', { id });
  const deletes =
    settings.afterDownload === 'delete' ? (await call('connections.estimate', { id, start })).settled : undefined;
  return call('connections.enable', { id, version, start, ...(deletes !== undefined && { deletes }) });
}

/** Calls functions of the app as its page does. @param forge is asked at each call: tests start theirs in a hook */
export function appCalls(forge: () => Forge) {
  /** The envelope, whatever is in it. */
  const send = <K extends FunctionName>(functionKey: K, payload: Payload<K>, accountId = 'admin') =>
    forge().invoke({ module: 'letterbox-admin', functionKey, payload, accountId });
  return {
    send,
    /** What comes back; fails where it was refused. */
    call: async <K extends FunctionName>(name: K, payload: Payload<K>): Promise<Values[K]> => {
      const result = await send(name, payload);
      assert.ok(result.ok, JSON.stringify(result));
      return result.value as Values[K];
    },
    /** Why it was refused; fails where it was not. */
    refusal: async <K extends FunctionName>(name: K, payload: Payload<K>): Promise<Refusal> => {
      const result = await send(name, payload);
      assert.ok(!result.ok, 'it was not refused');
      return result.error as Refusal;
    },
  };
}
