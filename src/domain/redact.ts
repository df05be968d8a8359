const secretKey = /pass|secret|token|authorization|cookie|credential|private.?key|api.?key|assertion|code.?verifier/i;
/** What looks like a secret wherever it stands: bearer and basic headers, SASL strings, JSON web tokens, PEM keys, URL credentials. */
const secretText = [
  /\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{8,}/gi,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
  /\b(LOGIN|AUTHENTICATE|AUTH|PASS)\s+\S.*$/gim,
  /:\/\/[^/\s:@]+:[^/\s@]+@/g,
];
const mask = '[redacted]';

/** Replaces every known secret, as it is, in base64 and URL-encoded, and whatever looks like one. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length < 4) continue;
    for (const form of [secret, base64(secret), encodeURIComponent(secret)]) clean = clean.split(form).join(mask);
  }
  for (const pattern of secretText) clean = clean.replace(pattern, mask);
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

function base64(text: string): string {
  // Without padding, so that the secret is found inside a longer string too.
  return btoa(String.fromCharCode(...new TextEncoder().encode(text))).replace(/=+$/, '');
}
