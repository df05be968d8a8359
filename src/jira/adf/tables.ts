import { paragraph, type TableCell, type TableRow } from './nodes';

const mostColumns = 50;
const mostRowspan = 1_000;

export function cellAttributes(colspan: string | undefined, rowspan: string | undefined): Pick<TableCell, 'attrs'> {
  const columns = span(colspan, mostColumns);
  const rows = span(rowspan, mostRowspan);
  if (columns === 1 && rows === 1) return {};
  return { attrs: { ...(columns > 1 && { colspan: columns }), ...(rows > 1 && { rowspan: rows }) } };
}

function span(value: string | undefined, max: number): number {
  const number = Number.parseInt(value ?? '', 10);
  return Number.isFinite(number) && number > 1 ? Math.min(number, max) : 1;
}

/**
 * Whether a table only arranges the page, as most tables in mail do: it says so, it holds another table, or no row has two
 * cells with something in them. Header cells are the sign of data.
 */
export function isLayout(rows: readonly TableRow[]): boolean {
  const cells = rows.flatMap((row) => row.content);
  if (cells.some((cell) => cell.content.some((block) => block.type === 'table'))) return true;
  if (rows.every((row) => row.content.filter(isFilled).length <= 1))
    return !cells.some((cell) => cell.type === 'tableHeader') || rows.length < 2;
  return false;
}

function isFilled(cell: TableCell): boolean {
  return cell.content.some((block) => block.type !== 'paragraph' || block.content.length > 0);
}

/**
 * Fills short rows up and shortens spans that reach beyond the table: a ragged table breaks Jira's editor. Null if the table
 * is wider than any that a person could read.
 */
export function squared(rows: readonly TableRow[]): TableRow[] | null {
  const widths: number[] = [];
  let held: number[] = [];
  const clamped: TableRow[] = [];
  for (const [index, row] of rows.entries()) {
    if (row.content.length > mostColumns) return null;
    const rowsLeft = rows.length - index;
    const content = row.content.map((cell) => withRowspan(cell, Math.min(cell.attrs?.rowspan ?? 1, rowsLeft)));
    const next: number[] = [];
    let column = 0;
    for (const cell of content) {
      while ((held[column] ?? 0) > 0) column++;
      for (let end = column + (cell.attrs?.colspan ?? 1); column < end; column++)
        next[column] = cell.attrs?.rowspan ?? 1;
    }
    if (column > mostColumns) return null;
    const width = Math.max(column, held.findLastIndex((left) => left > 0) + 1);
    widths.push(width);
    held = Array.from({ length: width }, (_, at) => Math.max((held[at] ?? 0) - 1, (next[at] ?? 0) - 1, 0));
    clamped.push({ ...row, content });
  }
  const widest = widths.reduce((most, width) => Math.max(most, width), 1);
  return clamped.map((row, index) => {
    const missing = Math.max(widest - (widths[index] ?? widest), row.content.length === 0 ? 1 : 0);
    return { ...row, content: [...row.content, ...Array.from({ length: missing }, emptyCell)] };
  });
}

function withRowspan(cell: TableCell, rowspan: number): TableCell {
  if ((cell.attrs?.rowspan ?? 1) === rowspan) return cell;
  const { attrs, ...rest } = cell;
  const kept = { ...(attrs?.colspan !== undefined && { colspan: attrs.colspan }), ...(rowspan > 1 && { rowspan }) };
  return Object.keys(kept).length === 0 ? rest : { ...rest, attrs: kept };
}

function emptyCell(): TableCell {
  return { type: 'tableCell', content: [paragraph()] };
}
