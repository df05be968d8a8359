import type { Connection } from '../domain/connection';
import type { Message } from '../domain/message';
import type { ParseMessage } from '../domain/ports';
import type { Origin } from '../domain/receipt';
import { originOf } from './fingerprint';
import type { Trace } from './trace';

/** A message that was downloaded. */
export interface Download {
  handle: string;
  raw: Uint8Array;
  origin: Origin;
  /** Parses it, once however often it is called. */
  read(): Promise<Message>;
  trace: Trace;
}

export function downloadOf(
  parse: ParseMessage,
  connection: Connection,
  handle: string,
  raw: Uint8Array,
  trace: Trace,
): Download {
  let message: Promise<Message> | null = null;
  const read = () => {
    message ??= parsed();
    return message;
  };
  const parsed = async () => {
    const read = await parse(raw);
    trace.add({ step: 'read' });
    return read;
  };
  trace.add({ step: 'downloaded', bytes: raw.byteLength });
  return { handle, raw, origin: originOf(connection, handle, raw), read, trace };
}
