import type { User } from '../../jira/site';
import { users } from '../../jira/site';
import type { AdminPage } from '../app-manifest';
import type { FrameConfig } from '../browser/frame-messages';
import { type Html, html, jsonBlock } from '../html';

export interface ShellContent {
  page: AdminPage;
  user: User;
  theme: string;
  config: FrameConfig;
  /** The page's files are there. */
  built: boolean;
}

const themes = { auto: 'System theme', light: 'Light theme', dark: 'Dark theme' };

/** Jira's settings around the app's admin page. Jira shows it to administrators only. */
export function shellPage({ page, user, theme, config, built }: ShellContent): string {
  const allowed = user.permissions.includes('ADMINISTER');
  const colorMode = theme === 'light' || theme === 'dark' ? html` data-color-mode="${theme}"` : html``;
  return html`<!doctype html>
<html lang="en"${colorMode}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} - Jira settings</title>
<link rel="icon" href="/avatar.svg">
<link rel="stylesheet" href="/_local/assets/page.css">
<link rel="stylesheet" href="/_local/assets/shell.css">
<script type="module" src="/_local/assets/shell.js"></script>
${allowed && html`<script type="application/json" id="frame-config">${jsonBlock(config)}</script>`}
</head>
<body>
<header class="top">
<a class="brand" href="/"><img src="/avatar.svg" alt="" width="24" height="24">Jira settings</a>
<nav class="links" aria-label="Local host"><a href="/">Start</a><a href="/jira/projects/SUP">Issues</a></nav>
<form>
<select name="user" aria-label="Signed in as">${users.filter(({ accountType }) => accountType !== 'app').map(({ accountId, displayName }) => option(accountId, displayName, accountId === user.accountId))}</select>
<select name="theme" aria-label="Theme">${Object.entries(themes).map(([value, label]) => option(value, label, value === theme))}</select>
</form>
</header>
<div class="shell">
${allowed && sideBar(page, config.base)}
<main>${content(page, allowed, built)}</main>
</div>
<div class="flags"></div>
</body>
</html>`.html;
}

const option = (value: string, label: string, selected: boolean): Html =>
  html`<option value="${value}"${selected ? { html: ' selected' } : null}>${label}</option>`;

function sideBar({ title, pages, sections }: AdminPage, base: string): Html {
  const groups = sections.length > 0 ? sections : [{ header: title, pages }];
  return html`<nav class="side" aria-label="${title}">${groups.map(
    (group) =>
      html`<h2>${group.header ?? title}</h2>${group.pages.map((entry) => html`<a href="${base}/${entry.route}" data-route="${entry.route}">${entry.title}</a>`)}`,
  )}</nav>`;
}

/** What Forge lets a page in its frame do (FORGE.md §5): no tabs, so that plain links to other sites do nothing. */
const sandbox = 'allow-downloads allow-forms allow-modals allow-pointer-lock allow-same-origin allow-scripts';

function content(page: AdminPage, allowed: boolean, built: boolean): Html {
  if (!allowed) {
    return html`<h1>Only Jira administrators can open this page</h1><p>Jira does not show “${page.title}” to you. Choose an administrator at the top right.</p>`;
  }
  if (!built)
    return html`<h1>${page.title}</h1><p class="notice">The page is not built yet: run <code>npm run build</code>, then reload.</p>`;
  return html`<iframe id="app" title="${page.title}" sandbox="${sandbox}"></iframe>`;
}
