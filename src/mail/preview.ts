import { activityFacts } from '../domain/activity';
import type { Preview } from '../domain/start';
import { parseMessage } from './mime';

/** What is shown of a message, read from its header as it is on the wire (RFC 5322 §2.2); whatever follows the header is left alone. */
export async function previewFrom(handle: string, receivedAt: number | null, header: Uint8Array): Promise<Preview> {
  const { from, subject } = activityFacts(await parseMessage(header));
  return { handle, receivedAt, from: from ?? '', subject: subject ?? '' };
}
