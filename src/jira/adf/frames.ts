import type { Block, List, ListItem, TableCell, TableRow } from './nodes';

/** A container of the document that is still being filled. */
export type Frame = {
  open: boolean;
  /** Opened for content that the mail had put straight into a list or a table. */
  implied?: boolean;
} & (
  | { kind: 'doc' | 'blockquote' | 'item'; blocks: Block[] }
  | { kind: 'cell'; blocks: Block[]; cell: Pick<TableCell, 'type' | 'attrs'> }
  | { kind: 'list'; type: List['type']; order: number; items: ListItem[] }
  | { kind: 'table'; rows: TableRow[]; layout: boolean }
  | { kind: 'row'; cells: TableCell[] }
);

export type FrameKind = Frame['kind'];
export type BlockFrame = Extract<Frame, { blocks: Block[] }>;

export function holdsBlocks(frame: Frame): frame is BlockFrame {
  return frame.kind === 'doc' || frame.kind === 'blockquote' || frame.kind === 'item' || frame.kind === 'cell';
}
