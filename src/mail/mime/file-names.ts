import mime from 'mime';
import { messageLimits } from '../../domain/limits';
import { cutText, visibleText } from '../../domain/text';

/** Types that have no extension in the table, by their beginnings: people read what they hold. */
const readAsText = /^(message|text)\//;

/**
 * The extension that files of a type usually have, without its dot; null if there is none. Many types are an extension themselves with
 * another name before it: image/jpg, application/x-pdf.
 */
export function extensionOf(mimeType: string): string | null {
  const subtype = /\/(?:x-)?([a-z0-9]{2,8})$/.exec(mimeType)?.[1];
  return mime.getExtension(mimeType) ?? (subtype !== undefined && mime.getType(subtype) !== null ? subtype : null);
}

// Characters that Windows refuses in a name; a slash or a backslash ends a folder.
const forbidden = /[<>:"|?*]/g;

/**
 * Gives every attachment of one message a name that is safe to show and to store: no path, no control or bidirectional
 * characters, at most `messageLimits.fileNameChars` characters with the extension kept, and unique among all names given.
 */
export function fileNamer(): (name: string | null, mimeType: string) => string {
  const taken = new Set<string>();
  let nameless = 0;
  return (name, mimeType) => {
    const safe = safeFileName(name ?? '');
    if (safe === '' && mimeType !== 'message/rfc822') nameless += 1;
    const wanted = safe === '' ? defaultName(mimeType, nameless) : withExtension(safe, mimeType);
    const given = unique(wanted, taken);
    taken.add(given.toLowerCase());
    return given;
  };
}

function safeFileName(name: string): string {
  const last = visibleText(name).split(/[/\\]/).at(-1) ?? '';
  // Leading dots hide a file, trailing dots and blanks vanish on Windows.
  const safe = last.replace(forbidden, '_').replace(/^[.\s]+|[.\s]+$/g, '');
  return shorten(safe, messageLimits.fileNameChars);
}

function withExtension(name: string, mimeType: string): string {
  // An attached mail often bears its subject as its name, which no program opens.
  if (mimeType !== 'message/rfc822' || /\.(eml|msg)$/i.test(name)) return name;
  return `${shorten(name, messageLimits.fileNameChars - 4)}.eml`;
}

function defaultName(mimeType: string, number: number): string {
  if (mimeType === 'message/rfc822') return 'message.eml';
  const readable = mimeType.endsWith('html') ? 'html' : readAsText.test(mimeType) ? 'txt' : 'bin';
  return `attachment-${number}.${extensionOf(mimeType) ?? readable}`;
}

function unique(name: string, taken: ReadonlySet<string>): string {
  let candidate = name;
  for (let number = 2; taken.has(candidate.toLowerCase()); number++) {
    const { stem, extension } = split(name);
    const suffix = `-${number}${extension}`;
    candidate = `${cutText(stem, messageLimits.fileNameChars - suffix.length)}${suffix}`;
  }
  return candidate;
}

function shorten(name: string, max: number): string {
  if (name.length <= max) return name;
  const { stem, extension } = split(name);
  return `${cutText(stem, max - extension.length)}${extension}`;
}

function split(name: string): { stem: string; extension: string } {
  const match = /^(.+)(\.[^.\s]{1,20})$/su.exec(name);
  return { stem: match?.[1] ?? name, extension: match?.[2] ?? '' };
}
