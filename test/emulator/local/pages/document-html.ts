import type { AdfNode, Json } from '../../jira/state';
import { type Html, html, safeHref } from '../html';

/** An Atlassian document as a person sees it in Jira. What is not known is shown as its type, never as nothing. */
export function documentHtml(node: AdfNode | null): Html {
  return node === null ? html`` : html`<div class="document">${children(node)}</div>`;
}

const children = (node: AdfNode): Html[] => (node.content ?? []).map(show);
const text = (value: Json | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
const tagged = (tag: string, content: Html[], attributes: Html = html``): Html =>
  html`${{ html: `<${tag}` }}${attributes}>${content}${{ html: `</${tag}>` }}`;

const emoji: Record<string, string> = { info: 'ℹ️', note: '📝', success: '✅', warning: '⚠️', error: '⛔' };

function show(node: AdfNode): Html {
  const attrs = node.attrs ?? {};
  switch (node.type) {
    case 'text':
      return (node.marks ?? []).reduce(marked, html`${node.text ?? ''}`);
    case 'paragraph':
      return tagged('p', children(node));
    case 'heading': {
      const level = Number(attrs.level);
      // The page has its own first two levels.
      return tagged(
        level >= 1 && level <= 6 ? `h${Math.min(level + 2, 6)}` : 'p',
        children(node),
        html` class="level-${text(attrs.level)}"`,
      );
    }
    case 'hardBreak':
      return html`<br>`;
    case 'rule':
      return html`<hr>`;
    case 'bulletList':
      return tagged('ul', children(node));
    case 'orderedList':
      return tagged('ol', children(node), attrs.order === undefined ? html`` : html` start="${text(attrs.order)}"`);
    case 'listItem':
      return tagged('li', children(node));
    case 'taskList':
    case 'decisionList':
      return tagged('ul', children(node), html` class="tasks"`);
    case 'taskItem':
      return html`<li><input type="checkbox" disabled${attrs.state === 'DONE' ? { html: ' checked' } : null}> ${children(node)}</li>`;
    case 'decisionItem':
      return html`<li>◆ ${children(node)}</li>`;
    case 'blockquote':
      return tagged('blockquote', children(node));
    case 'codeBlock':
      return html`<pre><code>${children(node)}</code></pre>`;
    case 'panel': {
      const kind = text(attrs.panelType);
      return html`<div class="panel ${kind}"><span aria-hidden="true">${emoji[kind] ?? 'ℹ️'}</span><div>${children(node)}</div></div>`;
    }
    case 'expand':
    case 'nestedExpand':
      return html`<details><summary>${text(attrs.title) || 'Show more'}</summary>${children(node)}</details>`;
    case 'table':
      return html`<div class="scroll"><table>${children(node)}</table></div>`;
    case 'tableRow':
      return tagged('tr', children(node));
    case 'tableHeader':
    case 'tableCell':
      return tagged(node.type === 'tableHeader' ? 'th' : 'td', children(node), spans(attrs));
    case 'mediaSingle':
    case 'mediaGroup':
      return tagged('figure', children(node));
    case 'media':
    case 'mediaInline':
      return media(attrs);
    case 'mention':
      return html`<span class="lozenge">${text(attrs.text) || `@${text(attrs.id)}`}</span>`;
    case 'emoji':
      return html`${text(attrs.text) || text(attrs.shortName)}`;
    case 'date':
      return html`<time>${new Date(Number(attrs.timestamp)).toISOString().slice(0, 10)}</time>`;
    case 'status':
      return html`<span class="lozenge">${text(attrs.text)}</span>`;
    case 'inlineCard':
    case 'blockCard':
    case 'embedCard':
      return anchor(attrs.url, html`${text(attrs.url)}`);
    case 'layoutSection':
    case 'layoutColumn':
      return tagged('div', children(node), html` class="${node.type}"`);
    default:
      return html`<div class="unknown"><small>${node.type}</small>${children(node)}</div>`;
  }
}

function spans(attrs: Record<string, Json>): Html {
  const span = (name: 'colspan' | 'rowspan') =>
    Number(attrs[name]) > 1 ? html` ${name}="${Number(attrs[name])}"` : html``;
  return html`${span('colspan')}${span('rowspan')}`;
}

/** Nothing is fetched from elsewhere: a picture in a mail can tell its sender that it was seen. */
function media(attrs: Record<string, Json>): Html {
  if (attrs.type === 'external')
    return html`<span class="lozenge">Image: ${anchor(attrs.url, html`${text(attrs.alt) || text(attrs.url)}`)}</span>`;
  return html`<span class="lozenge">Attachment: ${text(attrs.alt) || text(attrs.id)}</span>`;
}

function anchor(address: Json | undefined, content: Html): Html {
  const href = safeHref(address);
  return href === null
    ? content
    : html`<a href="${href}" rel="noopener noreferrer nofollow" target="_blank">${content}</a>`;
}

const simpleMarks: Record<string, string> = { strong: 'strong', em: 'em', strike: 's', underline: 'u', code: 'code' };

function marked(content: Html, mark: NonNullable<AdfNode['marks']>[number]): Html {
  const tag = simpleMarks[mark.type];
  if (tag !== undefined) return tagged(tag, [content]);
  if (mark.type === 'link') return anchor(mark.attrs?.href, content);
  if (mark.type === 'subsup') return tagged(mark.attrs?.type === 'sup' ? 'sup' : 'sub', [content]);
  const color = text(mark.attrs?.color);
  if (mark.type === 'textColor' && /^#[0-9a-f]{3,8}$/i.test(color))
    return html`<span data-color="${color}">${content}</span>`;
  return content;
}
