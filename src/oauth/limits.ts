/** Minutes that a person may take to sign in. */
export const signInMinutes = 10;
/** Minutes that the tokens of a sign-in wait for the administrator's word. */
export const confirmMinutes = 60;

/** Milliseconds that a provider may take to answer: several times what it needs, and short enough for a page that waits. */
export const tokenRequestTimeoutMs = 10_000;
/** A token answer is a few kilobytes; no more than this is read. */
export const tokenAnswerBytes = 256 * 1024;

/** How often a run that waits for another one's renewal looks whether that is done. */
export const lookAgainMs = 500;
/** After this long without a result, whoever claimed the renewal has died: the request itself ends sooner. */
export const renewalMs = tokenRequestTimeoutMs + 2_000;
/** A store that fails for a moment must not cost the refresh token that was just given in exchange for the old one. */
export const saveTries = 3;

/** Accounts whose tokens are revoked at the same time when the app is uninstalled. */
export const revokeAtOnce = 8;
/** Milliseconds before the end of the function at which it stops waiting for what hangs. */
export const revokeEndMs = 3_000;
