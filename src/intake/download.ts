import type { Connection } from '../domain/connection';
import type { Message } from '../domain/message';
import type { ParseMessage } from '../domain/ports';
import type { Origin } from '../domain/receipt';
import { originOf } from './fingerprint';

/** A message that was downloaded. */
export interface Download {
  handle: string;
  raw: Uint8Array;
  origin: Origin;
  /** Parses it, once however often it is called. */
  read(): Promise<Message>;
}

export function downloadOf(parse: ParseMessage, connection: Connection, handle: string, raw: Uint8Array): Download {
  let message: Promise<Message> | null = null;
  const read = () => {
    message ??= parse(raw);
    return message;
  };
  return { handle, raw, origin: originOf(connection, handle, raw), read };
}
