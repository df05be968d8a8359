/** The part of the Atlassian Document Format that a mail can become; what each node may hold is Atlassian's schema's rule. */

export type Mark =
  | { type: 'strong' | 'em' | 'underline' | 'strike' | 'code' }
  | { type: 'subsup'; attrs: { type: 'sub' | 'sup' } }
  | { type: 'link'; attrs: { href: string } };

export interface TextNode {
  type: 'text';
  /** Never empty. */
  text: string;
  marks?: Mark[];
}
export interface HardBreak {
  type: 'hardBreak';
}
export interface DateNode {
  type: 'date';
  /** Epoch milliseconds as digits. */
  attrs: { timestamp: string };
}
export type Inline = TextNode | HardBreak | DateNode;

export interface Paragraph {
  type: 'paragraph';
  content: Inline[];
}
export interface Heading {
  type: 'heading';
  attrs: { level: number };
  content: Inline[];
}
export interface CodeBlock {
  type: 'codeBlock';
  content: TextNode[];
}
export interface Rule {
  type: 'rule';
}
export interface Blockquote {
  type: 'blockquote';
  content: Block[];
}
export interface ListItem {
  type: 'listItem';
  content: Block[];
}
export interface List {
  type: 'bulletList' | 'orderedList';
  attrs?: { order: number };
  content: ListItem[];
}
export interface TableCell {
  type: 'tableCell' | 'tableHeader';
  attrs?: { colspan?: number; rowspan?: number };
  content: Block[];
}
export interface TableRow {
  type: 'tableRow';
  content: TableCell[];
}
export interface Table {
  type: 'table';
  content: TableRow[];
}
export interface Panel {
  type: 'panel';
  attrs: { panelType: 'info' | 'note' | 'warning' };
  content: Block[];
}
export type Block = Paragraph | Heading | CodeBlock | Rule | Blockquote | List | Table | Panel;

export interface AdfDocument {
  version: 1;
  type: 'doc';
  content: Block[];
}

export function document(content: Block[]): AdfDocument {
  return { version: 1, type: 'doc', content };
}

export function paragraph(content: Inline[] = []): Paragraph {
  return { type: 'paragraph', content };
}

export function text(value: string, marks: readonly Mark[] = []): TextNode {
  return marks.length === 0 ? { type: 'text', text: value } : { type: 'text', text: value, marks: [...marks] };
}
