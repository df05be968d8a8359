import type { Block, Inline, ListItem, TableCell, TableRow } from '../../../src/jira/adf/nodes';

/**
 * Blocks as short lines of text, so that a test shows what it expects: `p(a *b* | c)` is a paragraph with bold text and a line
 * break, `quote[…]`, `ul[…]`, `ol3[…]`, `li[…]`, `table[tr[td[…]]]`.
 */
export function short(blocks: readonly Block[]): string {
  return blocks.map(block).join(' ');
}

function block(node: Block): string {
  switch (node.type) {
    case 'paragraph':
      return `p(${inlines(node.content)})`;
    case 'heading':
      return `h${node.attrs.level}(${inlines(node.content)})`;
    case 'codeBlock':
      return `code(${node.content.map(({ text }) => JSON.stringify(text)).join('')})`;
    case 'rule':
      return 'rule';
    case 'blockquote':
      return `quote[${short(node.content)}]`;
    case 'panel':
      return `${node.attrs.panelType}[${short(node.content)}]`;
    case 'bulletList':
      return `ul[${node.content.map(item).join(' ')}]`;
    case 'orderedList':
      return `ol${node.attrs?.order ?? ''}[${node.content.map(item).join(' ')}]`;
    case 'table':
      return `table[${node.content.map(row).join(' ')}]`;
  }
}

const item = (node: ListItem): string => `li[${short(node.content)}]`;
const row = (node: TableRow): string => `tr[${node.content.map(cell).join(' ')}]`;
const cell = ({ type, attrs, content }: TableCell): string =>
  `${type === 'tableHeader' ? 'th' : 'td'}${attrs?.colspan ? `c${attrs.colspan}` : ''}${attrs?.rowspan ? `r${attrs.rowspan}` : ''}[${short(content)}]`;

const signs: Record<string, string> = { strong: '*', em: '_', underline: '+', strike: '-', code: '`', subsup: '^' };

function inlines(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      if (node.type === 'hardBreak') return ' | ';
      if (node.type === 'date') return node.attrs.timestamp;
      const around = (node.marks ?? []).map((mark) => signs[mark.type] ?? '').join('');
      const link = node.marks?.find((mark) => mark.type === 'link');
      const shown = `${around}${node.text}${[...around].reverse().join('')}`;
      return link === undefined ? shown : `<${shown} ${link.attrs.href}>`;
    })
    .join('');
}
