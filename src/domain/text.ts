/** Cuts `text` to at most `max` UTF-16 units and never through the middle of a character outside the basic plane. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? max - 1 : max);
}

// Bidirectional controls let "exe.fdp" be shown as "pdf.exe" and turn a display name around. The zero-width joiners
// stay: Persian and emoji need them.
const bidiControls = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const invisible = /[\u200b\u2060\ufeff\ufffe\uffff]/gu;
// A line separator counts as white space in a regular expression, a control character does not.
const lineNoise = /[\p{Cc}\s]+/gu;

/** `text` on one line without control, bidirectional and invisible characters; blanks of any script stay. */
export function visibleText(text: string): string {
  return wellFormed(text)
    .replace(bidiControls, '')
    .replace(invisible, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}

/** `text` as one trimmed line: no control, bidirectional or invisible characters, white space collapsed, well-formed UTF-16. */
export function singleLine(text: string): string {
  return wellFormed(text).replace(bidiControls, '').replace(invisible, '').replace(lineNoise, ' ').trim();
}

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Replaces half surrogate pairs, which JSON may carry but Jira's database refuses. */
export function wellFormed(text: string): string {
  return text.replace(loneSurrogate, '\ufffd');
}
