/** HTML that is put together safely: what is not `Html` already is text, and is escaped. Mail is hostile. */
export interface Html {
  html: string;
}

type Part = Html | string | number | null | undefined | false | readonly Part[];

export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return { html: strings.map((text, index) => text + (index < parts.length ? rendered(parts[index]) : '')).join('') };
}

function rendered(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'html' in part ? part.html : part.map(rendered).join('');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

/** JSON for a data block: no "<" in it can end the script element that holds it. */
export const jsonBlock = (value: unknown): Html => ({ html: JSON.stringify(value).replace(/</g, '\\u003c') });

/** Only addresses that a browser can't run: http, https, mailto, and paths of this host. */
export function safeHref(address: unknown): string | null {
  if (typeof address !== 'string') return null;
  if (/^\/(?!\/)/.test(address)) return address;
  try {
    return ['http:', 'https:', 'mailto:'].includes(new URL(address).protocol) ? address : null;
  } catch {
    return null;
  }
}
