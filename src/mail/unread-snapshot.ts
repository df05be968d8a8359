/**
 * Unread mail that a position can note one by one, by Gmail's ids or by short hashes of Graph's, so that whoever reads it
 * before it is taken hides nothing. A position has to stay below `positionChars`.
 */
export const mostUnread = 5_000;

// A function, so that loading the app formats no number: the first one loads the language's data.
export const tooManyUnread = (): string =>
  `More than ${mostUnread.toLocaleString('en')} mails are unread: too many to note each of them. Begin at a date, or with everything.`;
