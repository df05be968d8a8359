import { singleLine, wellFormed } from './text';

const secretKey = /pass|secret|token|authorization|cookie|credential|private.?key|api.?key|assertion|code.?verifier/i;
/** What looks like a secret wherever it stands: bearer and basic headers, SASL strings, JSON web tokens, PEM keys, URL credentials. */
const secretText = [
  /\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{8,}/gi,
  // Only at the beginning of a word: a long one of such beginnings would be looked through again from each of them.
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /:\/\/[^/\s:@]+:[^/\s@]+@/g,
];
/** What follows a command that signs in. */
const signInText = /\b(LOGIN|AUTHENTICATE|AUTH|PASS)\s+\S.*$/gim;
const mask = '[redacted]';

/** Replaces every known secret, as it is, in base64 and URL-encoded, and whatever looks like one. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  return redactLine(text, secrets).replace(signInText, mask);
}

/** As `redactText`, for a line of a protocol that tells of no sign-in: there, "OK LOGIN completed" hides nothing. */
export function redactLine(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length < shortestForm) continue;
    for (const form of formsOf(secret)) if (form.length >= shortestForm) clean = clean.split(form).join(mask);
  }
  for (const pattern of secretText) clean = clean.replace(pattern, mask);
  return withoutPrivateKeys(clean);
}

/** Not one pattern from beginning to end: a megabyte of beginnings would be read to its end from each of them. */
function withoutPrivateKeys(text: string): string {
  let clean = '';
  let position = 0;
  const ends = text.matchAll(/-----END [A-Z ]{0,40}PRIVATE KEY-----/g);
  for (const end of ends) {
    const next = end.index + end[0].length;
    const begin = text.slice(position, end.index).search(/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/);
    clean += begin === -1 ? text.slice(position, next) : text.slice(position, position + begin) + mask;
    position = next;
  }
  return clean + text.slice(position);
}

/** As `redactLine`, for words that may have been cut in the middle of a secret. */
export function redactCut(words: string, secrets: readonly string[]): string {
  let clean = redactLine(words, secrets);
  for (const form of secrets.flatMap(formsOf)) {
    for (let length = Math.min(form.length - 1, clean.length); length >= shortestForm; length -= 1) {
      if (clean.endsWith(form.slice(0, length))) clean = clean.slice(0, -length) + mask;
    }
  }
  return clean;
}

/**
 * A copy of a value that is fit for a log: by key name and by pattern, at most six levels deep.
 * @param describe turns what JSON cannot show (errors) into plain values.
 */
export function redact(value: unknown, describe: (value: unknown) => unknown = (same) => same, depth = 0): unknown {
  const shown = describe(value);
  if (typeof shown === 'string') return redactText(shown);
  if (shown === null || typeof shown !== 'object') return shown;
  if (depth >= 6) return '[deep]';
  if (Array.isArray(shown)) return shown.slice(0, 50).map((item) => redact(item, describe, depth + 1));
  const entries = Object.entries(shown).map(([key, item]) => [
    key,
    secretKey.test(key) ? mask : redact(item, describe, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

/** Anything shorter stands in ordinary words too. */
const shortestForm = 4;

/**
 * The secret as it is; as one line, as words of a server are shown; in a quoted string of IMAP; read as Latin-1; URL-encoded; and in
 * base64, also inside of more that was encoded with it, as SASL does.
 */
function formsOf(secret: string): string[] {
  const forms = [
    secret,
    singleLine(secret),
    secret.replace(/["\\]/g, '\\$&'),
    String.fromCharCode(...new TextEncoder().encode(secret)),
    // Half a surrogate pair, which JSON may carry, has no URL encoding.
    encodeURIComponent(wellFormed(secret)),
    ...[0, 1, 2].flatMap((offset) => base64Forms(secret, offset)),
  ];
  return [...new Set(forms)];
}

/** Whole, and without the characters at both ends that hold bits of what stands `offset` bytes before it and behind it. */
function base64Forms(secret: string, offset: number): string[] {
  const bytes = [...new Array<number>(offset).fill(0), ...new TextEncoder().encode(secret)];
  const whole = btoa(String.fromCharCode(...bytes)).replace(/=+$/, '');
  const own = whole.slice(Math.ceil((offset * 8) / 6), bytes.length % 3 === 0 ? undefined : -1);
  return offset === 0 ? [whole, own] : [own];
}
