import { type MailServer, mailDomain, mailPassword } from '../../mail-server/mail-server';
import { type Html, html } from '../html';
import { type SampleKind, sampleKinds } from '../sample-mail';
import { page } from './layout';
import { providerSection, sampleAddresses } from './start-providers';

export interface StartPageContent {
  mail: MailServer;
  gatewayUrl: string;
  /** Keys of the manifest's scheduled triggers. */
  triggers: readonly string[];
  pagesBuilt: boolean;
}

/** What is where, the settings to type in, and mail to try it with. */
export function startPage({ mail, gatewayUrl, triggers, pagesBuilt }: StartPageContent): string {
  const body = html`<h1>Letterbox on this machine</h1>
<p>A local Forge, Jira, gateway and mail server, and stand-ins for Google and Microsoft 365. Nothing here reaches the internet.</p>
${!pagesBuilt && html`<p class="notice">The admin page is not built yet: run <code>npm run build</code>, then reload.</p>`}
<div class="cards">
<a class="card" href="/jira/settings/apps"><strong>Admin page</strong>Connect a mailbox</a>
<a class="card" href="/jira/projects/SUP"><strong>Issues</strong>What became of the mail</a>
<a class="card" href="/outgoing"><strong>Outgoing mail</strong>What was sent to people elsewhere</a>
</div>
<section aria-labelledby="connect"><h2 id="connect">1. Connect this mailbox</h2>
<p>Enter these settings on the <a href="/jira/settings/apps">admin page</a>. Every address at ${mailDomain} is a mailbox. The server speaks IMAP; it has no POP3.</p>
<dl class="settings">
${setting('Encryption', 'SSL/TLS', false)}
${setting('Host', 'localhost')}
${setting('Port', String(mail.ports.imaps))}
${setting('Username', `support@${mailDomain}`)}
${setting('Password', mailPassword)}
<dt>Private CA</dt><dd><pre id="ca">${mail.ca}</pre><button type="button" data-copy="ca">Copy certificate</button></dd>
</dl>
<p>With STARTTLS the port is ${mail.ports.imap}. To send, the same with port ${mail.ports.smtps} (SSL/TLS) or ${mail.ports.submission} (STARTTLS).</p>
</section>
${providerSection()}
<section aria-labelledby="send"><h2 id="send">2. Send mail to it</h2>
<form id="sample">
<label for="to">To</label> <input id="to" name="to" type="email" required list="addresses" value="support@${mailDomain}">
<datalist id="addresses">${[`support@${mailDomain}`, ...sampleAddresses].map((address) => html`<option value="${address}"></option>`)}</datalist>
<div class="buttons">${Object.entries(sampleKinds).map(([kind, { label }]) => sampleButton(kind, label))}</div>
</form>
<p id="sample-result" role="status"></p>
<p>Or by any mail program, SMTP without password on <code>localhost:${mail.ports.smtp}</code>:</p>
<pre>swaks --server localhost:${mail.ports.smtp} --from you@example.com --to support@${mailDomain}</pre>
</section>
<section aria-labelledby="watch"><h2 id="watch">3. Watch it arrive</h2>
<p>An enabled connection is polled at its interval. To poll at once, press <em>Poll now</em> on the admin page, or run the platform's timer:</p>
<div class="buttons">${triggers.map((key) => html`<button type="button" data-trigger="${key}">Run “${key}” now</button>`)}</div>
<p id="trigger-result" role="status"></p>
</section>
<section aria-labelledby="more"><h2 id="more">For tools</h2>
<ul>
<li><a href="/_local/usage">/_local/usage</a>: what the platform would bill</li>
<li><a href="/_local/storage">/_local/storage</a>: what the app stores, secrets masked</li>
<li><a href="/_local/mail">/_local/mail</a>: outgoing mail as JSON</li>
<li><code>POST /_local/invoke</code>, <code>/_local/trigger/&lt;key&gt;</code>, <code>/_local/clock</code>, <code>/_local/faults</code></li>
<li><code>POST /_local/reinstall</code>: the app is uninstalled and comes back with its storage, and another callback URL; <code>/_local/register-callback</code> registers that for the demo applications</li>
<li><code>POST /_local/license</code> <code>{"active": false}</code>: a paid app whose license has ended; <code>null</code>: a free one</li>
<li>Jira's REST API as the app sees it: <a href="/jira/rest/api/3/project/search">/jira/rest/api/3/…</a></li>
<li>The gateway: <a href="${gatewayUrl}/healthz">${gatewayUrl}</a></li>
</ul>
</section>`;
  return page({ title: 'Letterbox on this machine', here: 'start', body, scripts: ['start'] });
}

function setting(name: string, value: string, copy = true): Html {
  const id = `setting-${name.toLowerCase()}`;
  return html`<dt>${name}</dt><dd><code id="${id}">${value}</code>${
    copy && html`<button type="button" data-copy="${id}" aria-label="Copy ${name.toLowerCase()}">Copy</button>`
  }</dd>`;
}

const sampleButton = (kind: SampleKind | string, label: string): Html =>
  html`<button type="submit" name="kind" value="${kind}">${label}</button>`;
