/** The part of the Atlassian Document Format that a mail can become; what each node may hold is Atlassian's schema's rule. */
// Type aliases, since an interface does not fit an index signature, and JSON is what the clients of others ask for.

export type Mark =
  | { type: 'strong' | 'em' | 'underline' | 'strike' | 'code' }
  | { type: 'subsup'; attrs: { type: 'sub' | 'sup' } }
  | { type: 'link'; attrs: { href: string } };

export type TextNode = {
  type: 'text';
  /** Never empty. */
  text: string;
  marks?: Mark[];
};
export type HardBreak = {
  type: 'hardBreak';
};
export type DateNode = {
  type: 'date';
  /** Epoch milliseconds as digits. */
  attrs: { timestamp: string };
};
export type Inline = TextNode | HardBreak | DateNode;

export type Paragraph = {
  type: 'paragraph';
  content: Inline[];
};
export type Heading = {
  type: 'heading';
  attrs: { level: number };
  content: Inline[];
};
export type CodeBlock = {
  type: 'codeBlock';
  content: TextNode[];
};
export type Rule = {
  type: 'rule';
};
export type Blockquote = {
  type: 'blockquote';
  content: Block[];
};
export type ListItem = {
  type: 'listItem';
  content: Block[];
};
export type List = {
  type: 'bulletList' | 'orderedList';
  attrs?: { order: number };
  content: ListItem[];
};
export type TableCell = {
  type: 'tableCell' | 'tableHeader';
  attrs?: { colspan?: number; rowspan?: number };
  content: Block[];
};
export type TableRow = {
  type: 'tableRow';
  content: TableCell[];
};
export type Table = {
  type: 'table';
  content: TableRow[];
};
export type Panel = {
  type: 'panel';
  attrs: { panelType: 'info' | 'note' | 'warning' };
  content: Block[];
};
export type Block = Paragraph | Heading | CodeBlock | Rule | Blockquote | List | Table | Panel;

export type AdfDocument = {
  version: 1;
  type: 'doc';
  content: Block[];
};

export function document(content: Block[]): AdfDocument {
  return { version: 1, type: 'doc', content };
}

export function paragraph(content: Inline[] = []): Paragraph {
  return { type: 'paragraph', content };
}

export function text(value: string, marks: readonly Mark[] = []): TextNode {
  return marks.length === 0 ? { type: 'text', text: value } : { type: 'text', text: value, marks: [...marks] };
}
