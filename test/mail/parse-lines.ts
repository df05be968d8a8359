import type { Message } from '../../src/domain/message';
import { parseMessage } from '../../src/mail/mime';

/** A mail of these lines, in Latin-1, so that every character is one byte of it. */
export function parseLines(...lines: string[]): Promise<Message> {
  return parseMessage(Buffer.from(lines.join('\r\n'), 'latin1'));
}

export const fileNames = (message: Message): string[] => message.attachments.map(({ fileName }) => fileName);

export const bytesOf = (message: Message, index = 0): string =>
  Buffer.from(message.attachments[index]?.content ?? []).toString('latin1');
