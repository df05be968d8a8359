import type { ParseMessage } from '../domain/ports';

/** The MIME parser, loaded with the first mail: most polls find none. See `readMessage`. */
export const parseMessage: ParseMessage = async (raw) => {
  const { readMessage } = await import('./mime/message');
  return readMessage(raw);
};
