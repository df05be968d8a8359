/**
 * The words of text/enriched (RFC 1896) and text/richtext (RFC 1341) without their formatting. In enriched text one line break is a
 * blank and "<<" is "<".
 */
export function plainOfEnriched(text: string, type: string): string {
  const isEnriched = type === 'text/enriched';
  const lines = isEnriched ? text.replace(/\n+/g, (breaks) => (breaks.length === 1 ? ' ' : breaks.slice(1))) : text;
  return lines
    .replace(/<param>[^<]*<\/param>/gi, '')
    .replace(/<<|<\/?([a-z0-9-]{1,60})>/gi, (tag, name: string | undefined) => {
      if (tag === '<<') return isEnriched ? '<' : tag;
      if (name?.toLowerCase() === 'lt' && !isEnriched) return '<';
      return /^(nl|np)$/i.test(name ?? '') && !isEnriched ? '\n' : '';
    });
}
