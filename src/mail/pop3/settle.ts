import type { Settled } from '../../domain/ports';
import { serverWords } from './errors';
import { exchange, type Session } from './session';
import { readHeaders, type Snapshot } from './snapshot';

/**
 * Whether a session can't open one of the messages any more. Courier names a message's file anew when somebody flags or reads it: a
 * session that began before that deletes the old name, and says that all went well, while the message stays. A new session
 * deletes it. Only a server that announces TOP can be asked (RFC 1939 §7).
 */
export async function hasLostOne(
  session: Session,
  numbers: ReadonlyMap<string, number>,
  handles: readonly string[],
): Promise<boolean> {
  if (!session.capabilities.has('TOP')) return false;
  const wanted = handles.flatMap((handle) => numbers.get(handle) ?? []);
  return (await readHeaders(session, wanted, () => null)).size < new Set(wanted).size;
}

/**
 * Deletes messages and ends the session: DELE only marks, and QUIT carries it out (RFC 1939 §6).
 * @throws AppError `connection-lost`, `timeout` with `uncertain` when the answer to QUIT is lost; a new session then shows
 * what was deleted.
 */
export async function deleteMessages(
  session: Session,
  { numbers }: Snapshot,
  handles: readonly string[],
): Promise<Settled[]> {
  const present = handles.flatMap((handle) => {
    const number = numbers.get(handle);
    return number === undefined ? [] : [{ handle, number }];
  });
  const refusals = new Map<string, string>();
  const commands = present.map(({ number }) => `DELE ${number}`);
  const replies = await exchange(session, commands, async (reply) => reply);
  for (const [index, { handle }] of present.entries()) {
    const reply = replies[index];
    if (reply?.status !== '+OK') refusals.set(handle, refusal(reply?.text ?? ''));
  }
  session.connection.expect(0);
  session.connection.send(['QUIT']);
  const goodbye = await session.connection.reply();
  if (goodbye.status !== '+OK') for (const { handle } of present) refusals.set(handle, refusal(goodbye.text));
  return handles.map((handle): Settled => {
    const message = refusals.get(handle);
    if (message !== undefined) return { handle, outcome: 'refused', message };
    return { handle, outcome: numbers.has(handle) ? 'settled' : 'gone' };
  });
}

function refusal(words: string): string {
  const detail = serverWords(words);
  return `The mail server did not delete the message${detail === undefined ? '' : `: ${detail}`}.`;
}
