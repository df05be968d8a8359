import { DocumentBuilder } from './builder';
import type { Frame } from './frames';
import { linkify } from './links';
import type { Block } from './nodes';

/**
 * Plain text as the blocks of an issue: empty lines part paragraphs, lines with ">" are a quote, addresses become links.
 * Stops when more has been read than an issue can hold (`complete` is false then).
 */
export function textToAdf(text: string): { blocks: Block[]; complete: boolean } {
  const builder = new DocumentBuilder();
  let quote: Frame | null = null;
  for (const line of text.split(/\r\n?|\n/)) {
    if (builder.isFull) break;
    const quoted = line === '' ? undefined : /^(?:[ \t]?>)+[ \t]?/.exec(line)?.[0];
    if (quoted !== undefined && quote === null) quote = builder.openBlockquote();
    if (quoted === undefined && quote !== null) {
      builder.close(quote);
      quote = null;
    }
    for (const run of line === '' ? [] : linkify(line.slice(quoted?.length ?? 0))) {
      if (builder.isFull) break;
      builder.text(run.text, run.href === null ? [] : [{ type: 'link', attrs: { href: run.href } }], true);
    }
    builder.lineBreak();
  }
  return { blocks: builder.finish(), complete: !builder.isFull };
}
