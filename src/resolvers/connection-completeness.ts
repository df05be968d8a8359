import { type Completeness, completeness } from '../domain/completeness';
import { type ConnectionSettings, mailboxIdentity } from '../domain/connection';
import type { Cursors, Mailbox } from '../domain/ports';
import { surveyOf } from '../intake/survey';

/** Looks while polls go on with the mailbox. */
const mostLooks = 3;

/**
 * What is in the mailbox against what became of it. Null for a connection that was never enabled, or that reads another
 * mailbox since it was: nothing of that one was listed yet.
 */
export async function completenessOf(
  cursors: Cursors,
  id: string,
  settings: ConnectionSettings,
  mailbox: Mailbox,
): Promise<Completeness | null> {
  for (let look = 1; ; look += 1) {
    const cursor = await cursors.get(id);
    if (cursor?.mailbox !== mailboxIdentity(settings)) return null;
    const survey = await surveyOf(mailbox, cursor.position, new Set(cursor.waiting.map(({ handle }) => handle)));
    const isSame = (await cursors.get(id))?.revision === cursor.revision;
    // Numbers of two moments would not add up.
    if (isSame || look === mostLooks) {
      return completeness(cursor, { ...survey, isSteady: survey.isSteady && isSame });
    }
  }
}
