import { type Html, html } from '../html';

export interface PageOptions {
  title: string;
  body: Html;
  /** Of the navigation at the top. */
  here?: 'start' | 'issues' | 'mail';
  /** Browser scripts of `local/browser/`, without ending. */
  scripts?: readonly string[];
}

/** A page of the local host: one head, one navigation, one style sheet. */
export function page({ title, body, here, scripts = [] }: PageOptions): string {
  const link = (key: PageOptions['here'], href: string, text: string) =>
    html`<a href="${href}"${here === key ? { html: ' aria-current="page"' } : null}>${text}</a>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/avatar.svg">
<link rel="stylesheet" href="/_local/assets/page.css">
<link rel="stylesheet" href="/_local/assets/document.css">
${scripts.map((name) => html`<script type="module" src="/_local/assets/${name}.js"></script>`)}
</head>
<body>
<header class="top">
<a class="brand" href="/"><img src="/avatar.svg" alt="" width="24" height="24">Letterbox</a>
<nav class="links" aria-label="Local host">
${link('start', '/', 'Start')}
<a href="/jira/settings/apps">Admin page</a>
${link('issues', '/jira/projects/SUP', 'Issues')}
${link('mail', '/outgoing', 'Outgoing mail')}
</nav>
</header>
<main>
${body}
</main>
</body>
</html>`.html;
}

/** Dates are written out on the server, in UTC, and so say so. */
export const dateTime = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

export function bytes(size: number): string {
  if (size < 1024) return `${size} bytes`;
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} KB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}
