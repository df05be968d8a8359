import * as z from 'zod';

/** Kinds of form fields that several settings have. What stands in them reaches protocol lines, so nothing here may hold CR, LF or NUL. */

const noControlCharacters = /^[^\p{Cc}]*$/u;

/** One line of text, trimmed. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .max(max, `Use at most ${max} characters.`)
    .regex(noControlCharacters, 'Remove line breaks and control characters.');

/** One line that must not be empty; `what` completes "Enter …". */
export const requiredLine = (max: number, what: string) => line(max).min(1, `Enter ${what}.`);

/** What ids consist of: Forge's storage takes nothing else for a key (Forge, "Storage API limits"). */
export const idPattern = /^[A-Za-z0-9._:#-]*$/;

/** The id of something that is chosen from a list. */
export const chosenId = (what: string) => line(64).min(1, `Choose ${what}.`).regex(idPattern, `Choose ${what} again.`);

const hostPattern =
  /^(?=.{1,253}$)(\[[0-9a-f:.]+\]|[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?(\.[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?)*\.?)$/iu;

/** A host name or address; `example` shows one in the message. */
export const hostName = (example: string) =>
  requiredLine(253, 'the host name of the mail server').regex(
    hostPattern,
    `Enter a host name such as ${example}, without "https://", path or port.`,
  );

export const port = z
  .number('Enter a port number.')
  .int('Enter a whole number.')
  .min(1, 'Enter a port from 1 to 65535.')
  .max(65_535, 'Enter a port from 1 to 65535.');

/** Milliseconds that one step with a server may take. */
export const timeout = z
  .number('Enter a number of milliseconds.')
  .int('Enter whole milliseconds.')
  .min(1, 'Enter at least 1 ms.')
  .max(60_000, 'Enter at most 60,000 ms.')
  .default(10_000);

export const description = z.string().trim().max(1_000, 'Use at most 1,000 characters.').default('');

/** Certificates of a private certificate authority, in PEM; empty for none. */
export const pemCertificates = z
  .string()
  .trim()
  .max(64_000, 'Paste at most 64,000 characters.')
  .regex(
    /^(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)*$/,
    'Paste one or more certificates in PEM form (-----BEGIN CERTIFICATE-----).',
  )
  .default('');

/** An address that is safe in a header and in an SMTP command; internationalised domains and mailboxes are allowed (RFC 6531). */
export const mailAddress = requiredLine(320, 'an email address').regex(
  /^[^\s@<>()[\]\\,;:"]{1,64}@[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?(\.[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?)+$/iu,
  'Enter an email address such as support@example.com.',
);
