const messages = (count: number) => (count === 1 ? '1 message' : `${count.toLocaleString('en')} messages`);

/** Every word about whether all mail of a mailbox is accounted for. */
export const completenessTexts = {
  section: 'Completeness',
  notYet: 'Nothing is counted before the first poll of this mailbox.',
  notAsked: 'Letterbox can count the messages in the mailbox, and say what became of each of them.',
  check: 'Check now',
  loading: 'Counting the messages in the mailbox',
  failed: 'The messages could not be counted',
  since: 'Counting began',

  complete: (count: number) =>
    count === 0
      ? 'It adds up: the mailbox is empty, as expected.'
      : `It adds up: what became of ${count === 1 ? 'the message' : `all ${messages(count)}`} in the mailbox is known.`,
  fewer: (count: number) => `${messages(count)} fewer than expected`,
  fewerReason:
    'The likely reason: somebody moved or deleted mail in the mailbox after Letterbox had listed it. What was taken has its issue all the same.',
  more: (count: number) => `${messages(count)} more than expected`,
  moreReason:
    'The likely reason: the server counts mail that it does not list, such as mail that is marked as deleted, or gave back mail that had left the mailbox. Check again after the next poll.',
  unknown: 'Whether it adds up can’t be said',
  uncounted: (reason: string | null) =>
    `How many messages are in the mailbox is not known. ${reason ?? 'The server does not say.'}`,
  estimated: (reason: string | null) =>
    `The number of messages in the mailbox is an estimate of the server. ${reason ?? ''}`.trim(),
  relisting:
    'The server named its mail anew, so that Letterbox lists the mailbox from its beginning again. Nothing becomes an issue twice. The numbers add up when that is done.',
  cut: (count: number) => `More than ${messages(count)} are not listed yet; the polls are on their way to them.`,
  aloneUnknown:
    'How many messages were in the mailbox already when counting began is not known, so that missing ones can’t be noticed. It is known again when the connection is disabled and enabled with another start than “Go on”.',
  unsteady: 'The mailbox changed while it was counted. Check again when it is quiet.',

  onServer: 'In the mailbox now',
  expected: 'Expected there',
  alone: 'Left alone at the start',
  kept: 'Taken, still there',
  skipped: 'Skipped, still there',
  givenUp: (dismissed: number) =>
    dismissed === 0
      ? 'Quarantined, still there'
      : `Quarantined, still there (${dismissed.toLocaleString('en')} dismissed)`,
  waiting: 'Waiting',
  unlisted: 'Not listed yet',
  taken: 'Taken in all',
  removed: 'Taken, and left the mailbox',
  gone: 'Left before they were taken',
  notKnown: 'Not known',
  atLeast: (count: string) => `${count} or more`,
} as const;
