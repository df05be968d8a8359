/** The little that the outline must know of a part before anything is decoded. */
export interface PartHeader {
  /** Lower-case, e.g. "text/plain". */
  type: string;
  /** Null unless the part is a multipart with a usable boundary. */
  boundary: string | null;
  charset: string | null;
  /** Lower-case transfer encoding; empty if there is none. */
  encoding: string;
  /** Lower-case; empty if there is none. */
  disposition: string;
  /** The disposition's parameters as they stand, from the first ";" on. */
  dispositionParameters: string;
  named: boolean;
  /** RFC 3676: lines that end in a blank go on; with `delsp` that blank is not part of the text. */
  flowed: 'no' | 'yes' | 'delsp';
}

const foldedLine = /\r?\n[ \t]/g;

/**
 * Reads the fields that decide how a part is cut out of the raw mail (RFC 2045 §5, RFC 2183). A field that stands twice
 * counts by its first occurrence, as in the parser that reads the rest.
 */
export function readPartHeader(text: string, defaultType: string): PartHeader {
  const contentType = field(text, 'content-type') ?? defaultType;
  const disposition = field(text, 'content-disposition') ?? '';
  const type = firstToken(contentType, /[^\s;()]+/) || defaultType;
  return {
    type,
    boundary: type.startsWith('multipart/') ? parameter(contentType, 'boundary') : null,
    charset: parameter(contentType, 'charset')?.toLowerCase() ?? null,
    encoding: firstToken(field(text, 'content-transfer-encoding') ?? '', /[\w-]+/),
    disposition: firstToken(disposition, /[\w-]+/),
    dispositionParameters: disposition.includes(';') ? disposition.slice(disposition.indexOf(';')) : '',
    named: /\b(file)?name\*?(\d+\*?)?\s*=/i.test(`${disposition};${contentType}`),
    flowed: flowOf(contentType),
  };
}

function field(text: string, name: string): string | null {
  const match = new RegExp(`^${name}[ \\t]*:((?:[^\\n]|\\n[ \\t])*)`, 'im').exec(text);
  return match?.[1]?.replace(foldedLine, ' ').trim() ?? null;
}

function flowOf(contentType: string): PartHeader['flowed'] {
  if (parameter(contentType, 'format')?.toLowerCase() !== 'flowed') return 'no';
  return parameter(contentType, 'delsp')?.toLowerCase() === 'yes' ? 'delsp' : 'yes';
}

function firstToken(value: string, token: RegExp): string {
  // A comment may stand before the token: "(hello) base64".
  const withoutComments = value.replace(/^(\s*\([^()]*\))+/, '');
  return (token.exec(withoutComments)?.[0] ?? '').toLowerCase();
}

function parameter(value: string, name: string): string | null {
  const match = new RegExp(`;\\s*${name}(?:\\*0?\\*?)?\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]+))`, 'i').exec(
    value,
  );
  if (match === null) return null;
  const quoted = match[1]?.replace(/\\(.)/g, '$1');
  return quoted ?? match[2] ?? null;
}
