import type { Field } from './header';
import { type FieldValue, readFieldValue } from './parameters';

/** The little that must be known of a part before it is decoded. */
export interface PartHeader {
  /** Lower-case, e.g. "text/plain". What is no type is text/plain (RFC 2045 §5.2). */
  type: string;
  /** False if the mail names a type that is none. */
  typeIsValid: boolean;
  /** As it stands, whatever it is; null if there is none. */
  charset: string | null;
  /** Lower-case transfer encoding; empty if there is none. */
  encoding: string;
  /** Lower-case; empty if there is none. */
  disposition: string;
  named: boolean;
  /** RFC 3676: lines that end in a blank go on; with `delsp` that blank is not part of the text. */
  flowed: 'no' | 'yes' | 'delsp';
  /** Delimiters (with their "--") that a multipart's parts may have between them, the likeliest first. */
  delimiters: string[];
  /** The fields themselves, one character a byte. */
  contentType: string;
  contentDisposition: string;
  contentId: string;
}

const validType = /^[a-z0-9][\w!#$&^.+-]{0,126}\/[\w!#$&^.+-]{1,127}$/;

/** Reads the fields that decide how a part is read (RFC 2045 §5, RFC 2183). A field that stands twice counts by its first occurrence. */
export function readPartHeader(fields: readonly Field[], defaultType: string): PartHeader {
  const field = (name: string) => fields.find((one) => one.name === name && one.value !== '')?.value ?? '';
  const contentType = field('content-type');
  const contentDisposition = field('content-disposition');
  const content = readFieldValue(contentType);
  const disposition = readFieldValue(contentDisposition);
  const typeIsValid = validType.test(content.value);
  const type = typeIsValid ? content.value : contentType === '' ? defaultType : 'text/plain';
  return {
    type,
    typeIsValid: typeIsValid || contentType === '',
    charset:
      content.parameters.get('charset') ?? content.parameters.get('charset*')?.replace(/^[^']*'[^']*'/, '') ?? null,
    encoding: readFieldValue(field('content-transfer-encoding')).value,
    disposition: disposition.value,
    named: isNamed(content, 'name') || isNamed(disposition, 'filename') || isNamed(disposition, 'name'),
    flowed: flowOf(content),
    delimiters: type.startsWith('multipart/') ? delimitersOf(content) : [],
    contentType,
    contentDisposition,
    contentId: field('content-id'),
  };
}

function isNamed({ parameters }: FieldValue, name: string): boolean {
  return [...parameters].some(([key, value]) => (key === name || key.startsWith(`${name}*`)) && value !== '');
}

function flowOf({ parameters }: FieldValue): PartHeader['flowed'] {
  if (parameters.get('format')?.toLowerCase() !== 'flowed') return 'no';
  return parameters.get('delsp')?.toLowerCase() === 'yes' ? 'delsp' : 'yes';
}

/** A boundary may be cut to pieces (RFC 2231), and one that is not quoted ends at a blank, a comment or a comma, or not. */
function delimitersOf({ parameters }: FieldValue): string[] {
  const pieces = [...parameters.keys()].filter((key) => /^boundary\*\d+\*?$/.test(key));
  const joined = pieces
    .sort((one, other) => Number(/\d+/.exec(one)?.[0]) - Number(/\d+/.exec(other)?.[0]))
    .map((key) => parameters.get(key) ?? '')
    .join('');
  const written = (
    parameters.get('boundary') ??
    parameters.get('boundary*')?.replace(/^[^']*'[^']*'/, '') ??
    joined
  ).trimEnd();
  const spellings = [written, written.replace(/^['"\\]+|['"\\,]+$/g, ''), written.replace(/[\s(,].*$/s, '')];
  return [...new Set(spellings)].filter((spelling) => spelling !== '').map((spelling) => `--${spelling}`);
}
