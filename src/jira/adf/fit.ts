import { cutText } from '../../domain/text';
import {
  type AdfDocument,
  type Block,
  document,
  type Inline,
  type ListItem,
  type TableRow,
  type TextNode,
} from './nodes';
import { squared } from './tables';

/** Text shorter than this is not worth a cut in its middle. */
const shortestRest = 40;

/**
 * The document, cut to at most `maxChars` characters of JSON. A cut falls between nodes, or between words of one long text;
 * `note` is then the last block.
 */
export function fitDocument(
  blocks: Block[],
  complete: boolean,
  maxChars: number,
  note: Block,
): { document: AdfDocument; truncated: boolean } {
  const whole = document(blocks);
  if (complete && sizeOf(whole) <= maxChars) return { document: whole, truncated: false };
  const kept = take(blocks, maxChars - sizeOf(document([note])) - 1, shortenBlock);
  return { document: document([...kept, note]), truncated: true };
}

function take<T>(nodes: readonly T[], budget: number, shorten: (node: T, budget: number) => T | null): T[] {
  const kept: T[] = [];
  let left = budget;
  for (const node of nodes) {
    const size = sizeOf(node) + 1;
    if (size > left) {
      const rest = shorten(node, left - 1);
      return rest === null ? kept : [...kept, rest];
    }
    kept.push(node);
    left -= size;
  }
  return kept;
}

function shortenBlock(block: Block, budget: number): Block | null {
  const left = budget - sizeOf({ ...block, content: [] });
  switch (block.type) {
    case 'paragraph':
    case 'heading':
      return filled(block, take(block.content, left, shortenInline));
    case 'codeBlock':
      return filled(block, take(block.content, left, shortenText));
    case 'bulletList':
    case 'orderedList':
      return filled(block, take(block.content, left, shortenItem));
    case 'blockquote':
    case 'panel':
      return filled(block, take(block.content, left, shortenBlock));
    case 'table': {
      const rows = take<TableRow>(block.content, left, () => null);
      const content = rows.length === 0 ? null : squared(rows);
      return content === null ? null : { ...block, content };
    }
    case 'rule':
      return null;
  }
}

function shortenItem(item: ListItem, budget: number): ListItem | null {
  return filled(item, take(item.content, budget - sizeOf({ ...item, content: [] }), shortenBlock));
}

function shortenInline(node: Inline, budget: number): Inline | null {
  return node.type === 'text' ? shortenText(node, budget) : null;
}

function shortenText(node: TextNode, budget: number): TextNode | null {
  const left = budget - sizeOf({ ...node, text: '' });
  if (left < shortestRest) return null;
  let text = cutText(node.text, left);
  // What JSON writes as an escape counts more than once.
  while (sizeOf(text) - 2 > left) text = cutText(text, Math.floor(text.length * 0.9));
  const space = text.lastIndexOf(' ');
  return { ...node, text: space > text.length - 100 && space > 0 ? text.slice(0, space) : text };
}

function filled<N, T extends { content: N[] }>(node: T, content: N[]): T | null {
  return content.length === 0 ? null : { ...node, content };
}

function sizeOf(node: unknown): number {
  return JSON.stringify(node).length;
}
