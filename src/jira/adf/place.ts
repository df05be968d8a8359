import type { BlockFrame } from './frames';
import {
  type Block,
  type Heading,
  type Inline,
  type Paragraph,
  paragraph,
  type Table,
  type TableRow,
  text,
} from './nodes';

/**
 * Puts a finished block into its container. What the schema does not allow there becomes the nearest thing that it does:
 * a heading a bold paragraph, a quote or a table what stood in it.
 */
export function place(frame: BlockFrame, block: Block): void {
  if (allowed(frame, block)) {
    frame.blocks.push(block);
    return;
  }
  switch (block.type) {
    case 'heading':
      frame.blocks.push(boldParagraph(block));
      return;
    case 'blockquote':
    case 'panel':
      for (const child of block.content) place(frame, child);
      return;
    case 'table':
      placeRows(frame, block);
      return;
    default:
      // A rule inside a quote or a list item: nothing is lost without it.
      return;
  }
}

/** Puts what stands in a table that only arranges the page where the table was; cells that only keep a distance leave nothing. */
export function placeCells(frame: BlockFrame, rows: readonly TableRow[]): void {
  const blocks = rows.flatMap((row) => row.content.flatMap((cell) => cell.content));
  for (const block of blocks) if (block.type !== 'paragraph' || block.content.length > 0) place(frame, block);
}

function allowed(frame: BlockFrame, block: Block): boolean {
  switch (block.type) {
    case 'paragraph':
    case 'codeBlock':
    case 'bulletList':
    case 'orderedList':
      return true;
    case 'heading':
    case 'rule':
    case 'blockquote':
    case 'panel':
      return frame.kind === 'doc' || frame.kind === 'cell';
    case 'table':
      // In a cell for the time being: a table that holds a table is layout, and is dissolved when it ends.
      return frame.kind === 'doc' || frame.kind === 'cell';
  }
}

function boldParagraph(heading: Heading): Paragraph {
  return paragraph(heading.content.map(bold));
}

function bold(node: Inline): Inline {
  if (node.type !== 'text' || node.marks?.some((mark) => mark.type === 'code' || mark.type === 'strong')) return node;
  return text(node.text, [...(node.marks ?? []), { type: 'strong' }]);
}

/** A table of data in a quote or a list item: a line for each row, as plain-text mail shows it. */
function placeRows(frame: BlockFrame, table: Table): void {
  for (const row of table.content) {
    const lines = row.content.map(({ content }) =>
      content.length === 1 && content[0]?.type === 'paragraph' ? content[0].content : null,
    );
    if (lines.some((line) => line === null)) placeCells(frame, [row]);
    else {
      const filled = lines.flatMap((line) => (line === null || line.length === 0 ? [] : [line]));
      const joined = filled.flatMap((line, index) => (index === 0 ? line : [text(' | '), ...line]));
      if (joined.length > 0) frame.blocks.push(paragraph(joined));
    }
  }
}
