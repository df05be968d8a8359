import { Parser } from 'htmlparser2';
import { jiraLimits } from '../../domain/limits';
import { DocumentBuilder } from './builder';
import type { Frame } from './frames';
import { linkify, safeLink } from './links';
import type { Block, Mark } from './nodes';
import { combine, styleOf } from './styles';
import { cellAttributes } from './tables';

/** The parser's own stack costs time by its depth; no mail that people write comes near. */
const deepestElement = 5_000;
const chunkLength = 32_768;

const dropped = new Set(
  'applet audio base canvas datalist embed frame frameset head iframe link map meta noembed noframes object script select style svg template textarea title video xml'.split(
    ' ',
  ),
);
const lines = new Set(
  'address article aside center dd details dir div dl dt fieldset figcaption figure footer form header hgroup legend main menu nav optgroup option search section summary tbody tfoot thead'.split(
    ' ',
  ),
);

/** What may stand in a head; everything else ends it. */
const headContent = new Set('base link meta noscript script style template title'.split(' '));
/** What ends a drawing or a formula that was never closed. */
const breaksOut = new Set(
  'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 hr i img li ol p pre s small span strong sub sup table u ul'.split(
    ' ',
  ),
);

interface Element {
  name: string;
  marks: readonly Mark[];
  hidden: boolean;
  preserves: boolean;
  edge: 'line' | 'paragraph' | null;
  frame: Frame | null;
  heading: boolean;
  /** The text of a `pre` element, which becomes one code block. */
  code: string[] | null;
}

/**
 * A mail's HTML as the blocks of an issue, in one pass and without a tree in between. Scripts, styles, comments and whatever is
 * hidden are left out; images become their alternative text. Stops when more has been read than an issue can hold
 * (`complete` is false then).
 */
export function htmlToAdf(html: string): { blocks: Block[]; complete: boolean } {
  const walk = new Walk();
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        // "<ann@example.com>" and "<https://…>" in words that nobody has escaped are no elements.
        if (/@|^https?:$/.test(name)) walk.text(html.slice(parser.startIndex, parser.endIndex + 1));
        else walk.open(name, attributes);
      },
      ontext: (data) => walk.text(data),
      onclosetag: (name) => walk.close(name),
    },
    { decodeEntities: true },
  );
  let position = 0;
  for (; position < html.length && walk.wantsMore; position += chunkLength)
    parser.write(html.slice(position, position + chunkLength));
  const complete = position >= html.length && walk.wantsMore;
  if (complete) parser.end();
  return { blocks: walk.finish(), complete };
}

class Walk {
  readonly #builder = new DocumentBuilder();
  readonly #elements: Element[] = [];
  #text: string[] = [];
  #tooDeep = false;
  /** Texts and line breaks of code so far: each is a character at least. */
  #codePieces = 0;

  get wantsMore(): boolean {
    return !this.#tooDeep && !this.#builder.isFull && this.#codePieces < jiraLimits.documentChars;
  }

  // An entity arrives as a text of its own; white space can only be judged over all of them.
  text(data: string): void {
    this.#text.push(data);
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#settleText();
    if (!this.wantsMore) return;
    if (this.#elements.length >= deepestElement) {
      this.#tooDeep = true;
      return;
    }
    this.#endUnclosed(name);
    const around = this.#elements.at(-1);
    const style = styleOf(name, attributes);
    const link = name === 'a' ? safeLink(attributes.href ?? '') : null;
    const added: Mark[] = link === null ? [...style.marks] : [...style.marks, { type: 'link', attrs: { href: link } }];
    const element: Element = {
      name,
      marks: combine(around?.marks ?? [], added),
      hidden: (around?.hidden ?? false) || style.hidden || dropped.has(name),
      preserves: style.preserves ?? around?.preserves ?? false,
      edge: null,
      frame: null,
      heading: false,
      code: around?.code ?? null,
    };
    this.#elements.push(element);
    if (element.hidden) return;
    if (element.code !== null) {
      if (name === 'br') this.#addCode(element.code, '\n');
      return;
    }
    this.#begin(element, attributes);
  }

  /** Without this, a mail whose head or drawing has no end tag would be shown empty (HTML §13.2.6.4.4, §13.2.6.5). */
  #endUnclosed(name: string): void {
    const top = this.#elements.at(-1);
    if (top === undefined || !top.hidden) return;
    if (top.name === 'head' && !headContent.has(name)) this.#elements.pop();
    if (!breaksOut.has(name)) return;
    const drawing = this.#elements.findIndex((element) => element.name === 'svg' || element.name === 'math');
    if (drawing >= 0) this.#elements.length = drawing;
  }

  close(name: string): void {
    this.#settleText();
    const element = this.#elements.at(-1);
    if (element?.name !== name) return;
    this.#elements.pop();
    if (element.hidden) return;
    if (element.code !== null) {
      if (this.#elements.at(-1)?.code === element.code) return;
      this.#builder.codeBlock(element.code.join(''));
    }
    if (element.frame !== null) this.#builder.close(element.frame);
    if (element.heading) this.#builder.endHeading();
    if (element.edge !== null) this.#builder.boundary(element.edge);
  }

  finish(): Block[] {
    this.#settleText();
    const code = this.#elements.at(-1)?.code;
    if (code !== undefined && code !== null) this.#builder.codeBlock(code.join(''));
    return this.#builder.finish();
  }

  #settleText(): void {
    if (this.#text.length === 0) return;
    const value = this.#text.join('');
    this.#text = [];
    const element = this.#elements.at(-1);
    if (element?.hidden) return;
    if (element?.code) this.#addCode(element.code, value);
    else this.#addText(value, element?.marks ?? [], element?.preserves ?? false);
  }

  #addCode(code: string[], value: string): void {
    code.push(value);
    this.#codePieces += 1;
  }

  /** Mail programs show addresses in the text as links, although the HTML has none there. */
  #addText(value: string, marks: readonly Mark[], preserves: boolean): void {
    const mayLink = !marks.some((mark) => mark.type === 'link' || mark.type === 'code');
    for (const run of mayLink ? linkify(value) : [{ text: value, href: null }]) {
      if (this.#builder.isFull) return;
      const link: Mark[] = run.href === null ? [] : [{ type: 'link', attrs: { href: run.href } }];
      this.#builder.text(run.text, combine(marks, link), preserves);
    }
  }

  #begin(element: Element, attributes: Readonly<Record<string, string>>): void {
    const builder = this.#builder;
    switch (element.name) {
      case 'br':
        builder.lineBreak();
        return;
      case 'hr':
        builder.block({ type: 'rule' });
        return;
      case 'img':
        this.#image(element, attributes);
        return;
      case 'p':
        // Word writes every line as such a paragraph, without space between them.
        element.edge = /\bMso(Normal|NoSpacing|PlainText)\b/.test(attributes.class ?? '') ? 'line' : 'paragraph';
        break;
      case 'h1':
      case 'h2':
      case 'h3':
      case 'h4':
      case 'h5':
      case 'h6':
        element.heading = true;
        builder.heading(Number(element.name.slice(1)));
        return;
      case 'pre':
        // Plain text that a mail program has wrapped, to be told from code that somebody pasted.
        if (/\bmoz-|\bmail-/.test(attributes.class ?? '') || 'wrap' in attributes) element.preserves = true;
        else element.code = [];
        element.edge = 'paragraph';
        break;
      case 'blockquote':
        element.edge = 'paragraph';
        element.frame = builder.openBlockquote();
        break;
      case 'ul':
      case 'ol':
        element.edge = 'paragraph';
        element.frame = builder.openList(
          element.name === 'ol' ? 'orderedList' : 'bulletList',
          startOf(attributes.start),
        );
        break;
      case 'li':
        element.edge = 'line';
        element.frame = builder.openItem();
        break;
      case 'table':
        element.edge = 'paragraph';
        element.frame = builder.openTable(/^(presentation|none)$/i.test(attributes.role ?? ''));
        break;
      case 'tr':
        element.edge = 'line';
        element.frame = builder.openRow();
        break;
      case 'td':
      case 'th':
        element.edge = 'line';
        element.frame = builder.openCell({
          type: element.name === 'th' ? 'tableHeader' : 'tableCell',
          ...cellAttributes(attributes.colspan, attributes.rowspan),
        });
        break;
      case 'caption':
        element.edge = 'paragraph';
        break;
      default:
        if (lines.has(element.name)) element.edge = 'line';
    }
    if (element.edge !== null) builder.boundary(element.edge);
  }

  #image(element: Element, attributes: Readonly<Record<string, string>>): void {
    const sizes = [attributes.width, attributes.height];
    // One pixel tells the sender that the mail was opened, and the reader nothing.
    if (sizes.some((size) => /^[01](px)?$/.test(size ?? ''))) return;
    const alternative = (attributes.alt ?? '').trim();
    if (alternative !== '') this.#builder.text(alternative, element.marks);
  }
}

function startOf(value: string | undefined): number {
  const start = Number.parseInt(value ?? '1', 10);
  return Number.isSafeInteger(start) && start >= 0 ? start : 1;
}
