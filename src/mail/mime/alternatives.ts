import type { Leaf } from './outline';

/** A part's text as it can stand in a body. */
export interface Piece {
  leaf: Leaf;
  kind: 'plain' | 'html';
  text: string;
}

/** What a part of a mail says: as plain text, and as HTML with the plain parts between its HTML parts. */
export interface Said {
  plain: Piece[];
  html: Piece[];
}

export const isVisible = ({ text }: Piece): boolean => text.trim() !== '';

/** Whether there is HTML in which there is something to see. */
export function isRich({ html }: Said): boolean {
  return html.some((piece) => piece.kind === 'html' && isVisible(piece));
}

const isPlainText = ({ leaf }: Piece): boolean => leaf.header.type === 'text/plain';

/**
 * What a multipart/alternative says: its parts say the same, the best one last (RFC 2046 §5.1.4). The HTML is that of the last
 * alternative that has some, the plain text that of the last one without, and rather of text/plain than of what is like it.
 */
export function chooseAlternative(alternatives: readonly Said[]): Said {
  const shown = alternatives.filter(({ plain, html }) => [...plain, ...html].some(isVisible));
  const rich = shown.findLast(isRich);
  const poor = shown.filter((one) => !isRich(one));
  const plain = poor.findLast((one) => one.plain.some(isPlainText)) ?? poor.at(-1) ?? rich;
  return { plain: plain?.plain ?? [], html: (rich ?? plain)?.html ?? [] };
}

/** Whether one of `others` says all that `text` says: an alternative that says more than what is shown is not dropped. */
export function saysNoMore(text: string, others: readonly string[]): boolean {
  const own = words(text);
  // What has no words at all may still be a sign.
  return others.some((other) => (own.trim() === '' ? other.includes(text.trim()) : words(other).includes(own)));
}

/** The words in their order, with a blank on both sides of each. */
function words(text: string): string {
  const found = text.replace(/<[^<>]{0,2000}>/g, ' ').match(/[\p{L}\p{N}]+/gu) ?? [];
  return ` ${found.join(' ')} `;
}
