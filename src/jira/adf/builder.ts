import { jiraLimits } from '../../domain/limits';
import { wellFormed } from '../../domain/text';
import { type BlockFrame, type Frame, holdsBlocks } from './frames';
import { type Block, type Inline, type List, type Mark, paragraph, type TableCell, text } from './nodes';
import { place, placeCells } from './place';
import { isLayout, squared } from './tables';

/** Open containers (a list and its item are two); lists and tables nested deeper are shown at this depth. */
const mostFrames = 24;

// Line feed and tab are text; other control characters are refused by Jira. The rest pads the preview lines of newsletters.
const unprintable = /(?![\n\t])\p{Cc}|\u034f|[\u00ad\u200b\ufeff\ufffe\uffff]/gu;
const blank = /^[\s\u200c\u200d]*$/u;

/**
 * Builds a document from a walk over a mail's body: text, line breaks and the beginnings and ends of containers, in any order.
 * Whatever comes, the result follows the schema's content rules. Linear in what it is given.
 */
export class DocumentBuilder {
  readonly #frames: Frame[] = [{ kind: 'doc', open: true, blocks: [] }];
  #inline: Inline[] = [];
  #heading: number | null = null;
  /** Line ends since the last text: one is a line break, two end the paragraph. */
  #breaks = 0;
  #size = 0;

  /** More text than a description can hold has come: the rest need not be read. */
  get isFull(): boolean {
    return this.#size > jiraLimits.documentChars;
  }

  /** Adds text with its white space collapsed as browsers do, or (`preserve`) kept, where each line feed is a line break. */
  text(value: string, marks: readonly Mark[], preserve = false): void {
    const clean = wellFormed(value).replace(unprintable, '');
    if (!preserve) {
      this.#append(clean.replace(/[ \t\n\r\f]+/g, ' '), marks, true);
      return;
    }
    for (const [index, line] of clean.split(/\r?\n/).entries()) {
      if (index > 0) this.lineBreak();
      this.#append(line, marks, false);
    }
  }

  inline(node: Inline): void {
    this.#settleBreaks();
    this.#inline.push(node);
  }

  lineBreak(): void {
    if (this.#inline.length > 0) this.#breaks = Math.min(this.#breaks + 1, 2);
  }

  /** The edge of a block element: what follows stands on a new line, or in a new paragraph. */
  boundary(kind: 'line' | 'paragraph'): void {
    if (this.#inline.length > 0) this.#breaks = Math.max(this.#breaks, kind === 'line' ? 1 : 2);
  }

  heading(level: number): void {
    this.#flush();
    this.#heading = level;
  }

  endHeading(): void {
    this.#flush();
    this.#heading = null;
  }

  codeBlock(value: string): void {
    const code = wellFormed(value).replace(unprintable, '').replace(/\r\n?/g, '\n').replace(/^\n/, '').trimEnd();
    if (code === '') return;
    this.block({ type: 'codeBlock', content: [text(code)] });
    this.#size += code.length;
  }

  block(block: Block): void {
    this.#flush();
    place(this.#blocks(), block);
  }

  // Each `open` returns null where the schema has no room for the container: its content then goes to the one around it.

  openBlockquote(): Frame | null {
    this.#flush();
    const { kind } = this.#blocks();
    return kind === 'doc' || kind === 'cell' ? this.#push({ kind: 'blockquote', open: true, blocks: [] }) : null;
  }

  openList(type: List['type'], order = 1): Frame | null {
    this.#flush();
    if (this.#frames.length > mostFrames) return null;
    this.#blocks();
    return this.#push({ kind: 'list', open: true, type, order, items: [] });
  }

  openItem(): Frame | null {
    this.#closeImplied();
    return this.#top().kind === 'list' ? this.#push({ kind: 'item', open: true, blocks: [] }) : null;
  }

  /** `layout`: the mail says that the table only arranges the page. */
  openTable(layout: boolean): Frame | null {
    this.#flush();
    if (this.#frames.length > mostFrames) return null;
    this.#blocks();
    return this.#push({ kind: 'table', open: true, rows: [], layout });
  }

  openRow(): Frame | null {
    this.#closeImplied();
    return this.#top().kind === 'table' ? this.#push({ kind: 'row', open: true, cells: [] }) : null;
  }

  openCell(cell: Pick<TableCell, 'type' | 'attrs'>): Frame | null {
    this.#closeImplied();
    if (this.#top().kind === 'table') this.#push({ kind: 'row', open: true, cells: [] });
    return this.#top().kind === 'row' ? this.#push({ kind: 'cell', open: true, blocks: [], cell }) : null;
  }

  /** Ends a container and all that is still open in it. */
  close(frame: Frame): void {
    while (frame.open) this.#closeTop();
  }

  finish(): Block[] {
    this.#flush();
    while (this.#frames.length > 1) this.#closeTop();
    const root = this.#frames[0];
    return root !== undefined && holdsBlocks(root) ? root.blocks : [];
  }

  #append(value: string, marks: readonly Mark[], collapse: boolean): void {
    const atStart = this.#inline.length === 0 || this.#breaks > 0;
    if (blank.test(value)) {
      // "&nbsp;" alone on a line is how mail programs write an empty line.
      if (atStart && value.includes('\u00a0')) this.lineBreak();
      if (atStart || value === '') return;
    }
    const last = this.#inline.at(-1);
    const spaceBefore = atStart || (last?.type === 'text' && last.text.endsWith(' '));
    const shown = collapse && spaceBefore && value.startsWith(' ') ? value.slice(1) : value;
    if (shown === '') return;
    this.#settleBreaks();
    this.#size += shown.length;
    const before = this.#inline.at(-1);
    if (before?.type === 'text' && sameMarks(before.marks ?? [], marks)) before.text += shown;
    else this.#inline.push(text(shown, marks));
  }

  #settleBreaks(): void {
    if (this.#breaks === 2) this.#flush();
    else if (this.#breaks === 1) {
      trimEnd(this.#inline);
      if (this.#inline.length > 0) this.#inline.push({ type: 'hardBreak' });
    }
    this.#breaks = 0;
  }

  #flush(): void {
    const content = this.#inline;
    this.#inline = [];
    this.#breaks = 0;
    trimEnd(content);
    if (content.length === 0) return;
    place(
      this.#blocks(),
      this.#heading === null ? paragraph(content) : { type: 'heading', attrs: { level: this.#heading }, content },
    );
  }

  /** The innermost container that may hold blocks; text straight in a list or a table gets an item or a cell of its own. */
  #blocks(): BlockFrame {
    for (;;) {
      const top = this.#top();
      if (holdsBlocks(top)) return top;
      if (top.kind === 'list') this.#push({ kind: 'item', open: true, implied: true, blocks: [] });
      else if (top.kind === 'table') this.#push({ kind: 'row', open: true, implied: true, cells: [] });
      else this.#push({ kind: 'cell', open: true, implied: true, blocks: [], cell: { type: 'tableCell' } });
    }
  }

  #closeImplied(): void {
    this.#flush();
    while (this.#top().implied) this.#closeTop();
  }

  #top(): Frame {
    const top = this.#frames.at(-1);
    if (top === undefined) throw new Error('The document itself is never closed.');
    return top;
  }

  #push(frame: Frame): Frame {
    this.#frames.push(frame);
    return frame;
  }

  #closeTop(): void {
    this.#flush();
    const frame = this.#top();
    frame.open = false;
    this.#frames.pop();
    const around = this.#top();
    switch (frame.kind) {
      case 'item':
        if (around.kind === 'list') around.items.push({ type: 'listItem', content: startingWithText(frame.blocks) });
        return;
      case 'cell':
        if (around.kind === 'row')
          around.cells.push({ ...frame.cell, content: frame.blocks.length === 0 ? [paragraph()] : frame.blocks });
        return;
      case 'row':
        if (around.kind === 'table' && frame.cells.length > 0)
          around.rows.push({ type: 'tableRow', content: frame.cells });
        return;
      case 'list':
        if (holdsBlocks(around) && frame.items.length > 0) {
          const attrs = frame.type === 'orderedList' && frame.order !== 1 ? { attrs: { order: frame.order } } : {};
          place(around, { type: frame.type, ...attrs, content: frame.items });
        }
        return;
      case 'blockquote':
        if (holdsBlocks(around) && frame.blocks.length > 0)
          place(around, { type: 'blockquote', content: frame.blocks });
        return;
      case 'table':
        if (!holdsBlocks(around) || frame.rows.length === 0) return;
        placeTable(around, frame);
        return;
      case 'doc':
        return;
    }
  }
}

function placeTable(around: BlockFrame, { rows, layout }: Extract<Frame, { kind: 'table' }>): void {
  const square = layout || isLayout(rows) ? null : squared(rows);
  if (square === null) placeCells(around, rows);
  else place(around, { type: 'table', content: square });
}

/** A list item may not begin with another list. */
function startingWithText(blocks: Block[]): Block[] {
  const first = blocks[0];
  return first?.type === 'paragraph' || first?.type === 'codeBlock' ? blocks : [paragraph(), ...blocks];
}

function trimEnd(content: Inline[]): void {
  for (let last = content.at(-1); last !== undefined && last.type !== 'date'; last = content.at(-1)) {
    if (last.type === 'text') {
      last.text = last.text.trimEnd();
      if (last.text !== '') return;
    }
    content.pop();
  }
}

function sameMarks(one: readonly Mark[], other: readonly Mark[]): boolean {
  return one.length === other.length && one.every((mark, index) => mark === other[index]);
}
