/**
 * Joins the lines of "format=flowed" text to paragraphs again (RFC 3676 §4). Lines of different quote depth are never joined, and
 * the signature's "-- " ends a paragraph although it ends in a blank.
 */
export function unflow(text: string, delsp: boolean): string {
  const lines: string[] = [];
  let paragraph: string[] = [];
  let depth = 0;
  const end = () => {
    if (paragraph.length > 0) lines.push(`${'>'.repeat(depth)}${depth > 0 ? ' ' : ''}${paragraph.join('')}`);
    paragraph = [];
  };
  for (const line of text.split('\n')) {
    const quotes = /^>*/.exec(line)?.[0].length ?? 0;
    if (quotes !== depth) end();
    depth = quotes;
    const unquoted = line.slice(quotes);
    const content = unquoted.startsWith(' ') ? unquoted.slice(1) : unquoted;
    if (content === '-- ') end();
    const flows = content.endsWith(' ') && content !== '-- ';
    paragraph.push(flows && delsp ? content.slice(0, -1) : content);
    if (!flows) end();
  }
  end();
  return lines.join('\n');
}
