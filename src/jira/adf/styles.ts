import type { Mark } from './nodes';

const strong: Mark = { type: 'strong' };
const em: Mark = { type: 'em' };
const underline: Mark = { type: 'underline' };
const strike: Mark = { type: 'strike' };
const code: Mark = { type: 'code' };
const sub: Mark = { type: 'subsup', attrs: { type: 'sub' } };
const sup: Mark = { type: 'subsup', attrs: { type: 'sup' } };

// A map and not an object: "constructor" is a tag name that somebody will send.
const elementMarks = new Map<string, Mark>(
  Object.entries({
    b: strong,
    strong,
    i: em,
    em,
    cite: em,
    dfn: em,
    var: em,
    u: underline,
    ins: underline,
    s: strike,
    strike,
    del: strike,
    code,
    tt: code,
    kbd: code,
    samp: code,
    sub,
    sup,
  }),
);

export interface Style {
  hidden: boolean;
  /** White space is shown as it stands; null: as around it. */
  preserves: boolean | null;
  marks: readonly Mark[];
}

const longestStyle = 10_000;

/** What of an element's name, attributes and `style` an issue can show. Colours and fonts are the mail's, not the issue's. */
export function styleOf(name: string, attributes: Readonly<Record<string, string>>): Style {
  const css = declarations(attributes.style ?? '');
  const own = elementMarks.get(name);
  const marks = own === undefined ? [] : [own];
  const weight = css.get('font-weight') ?? '';
  if (/^bold|^[6-9]00$/.test(weight)) marks.push(strong);
  if (/italic|oblique/.test(css.get('font-style') ?? '')) marks.push(em);
  const decoration = css.get('text-decoration') ?? css.get('text-decoration-line') ?? '';
  // The underline of a link is the link's own.
  if (decoration.includes('underline') && name !== 'a') marks.push(underline);
  if (decoration.includes('line-through')) marks.push(strike);
  const whiteSpace = css.get('white-space');
  return {
    hidden: 'hidden' in attributes || isHidden(css),
    preserves: whiteSpace === undefined ? null : /^(pre|break-spaces)/.test(whiteSpace),
    marks,
  };
}

/** Preview texts of newsletters are hidden in every way that mail programs know. */
function isHidden(css: ReadonlyMap<string, string>): boolean {
  if (css.get('display') === 'none' || css.get('visibility') === 'hidden') return true;
  if (/^0(\.0+)?$/.test(css.get('opacity') ?? '')) return true;
  const nothingHigh = /^0(px|pt|em)?$/.test(css.get('max-height') ?? '');
  return nothingHigh && css.get('overflow') === 'hidden';
}

function declarations(style: string): Map<string, string> {
  const result = new Map<string, string>();
  for (const declaration of style.slice(0, longestStyle).toLowerCase().split(';')) {
    const colon = declaration.indexOf(':');
    if (colon < 1) continue;
    result.set(
      declaration.slice(0, colon).trim(),
      declaration
        .slice(colon + 1)
        .replace('!important', '')
        .trim(),
    );
  }
  return result;
}

/** Marks as the schema lets them stand together: each kind once, and nothing but a link beside code. */
export function combine(around: readonly Mark[], added: readonly Mark[]): readonly Mark[] {
  const missing = added.filter((mark) => !around.some((other) => other.type === mark.type));
  if (missing.length === 0) return around;
  const all = [
    ...around,
    ...missing.filter((mark, index) => missing.findIndex((other) => other.type === mark.type) === index),
  ];
  return all.some((mark) => mark.type === 'code')
    ? all.filter((mark) => mark.type === 'code' || mark.type === 'link')
    : all;
}
