import type { Message } from './message';

/**
 * The mark of mail that Letterbox wrote by itself (notices, test mails), by which it knows such mail again when it arrives in a
 * connected mailbox. Nobody else can make one, and it does not fit another mail than the one that it was made for.
 */
export interface OwnMark {
  /** The raw mail with its mark. */
  put(raw: Uint8Array): Promise<Uint8Array>;
  /** Whether a mail bears a mark of ours, and says what it was made for. */
  isOn(message: Message): Promise<boolean>;
}

/** What the activity log says of our own mail in a connected mailbox. */
export const ownMailCode = 'own-mail';
export const ownMailReason =
  'Letterbox wrote this mail itself: it is a notice or a test mail, and becomes no issue. It was left in the mailbox as it was.';
