import { demoUsers } from '../../identity/users';
import { type Html, html } from '../html';
import { demoApplications, sharedMailbox } from '../providers';

/** Addresses of Google's and Microsoft's stand-ins that sample mail can go to. */
export const sampleAddresses: readonly string[] = [...demoUsers.map(({ address }) => address), sharedMailbox.address];

type Application = (typeof demoApplications)[number];

/** What to type in to connect a mailbox of Google or Microsoft 365. */
export const providerSection =
  (): Html => html`<section aria-labelledby="oauth"><h2 id="oauth">Or connect Google or Microsoft 365</h2>
<p>Stand-ins for both run here, with applications that are registered already. Enter one of them on the admin page under
<em>OAuth2 credentials</em>; then add a connection that uses it, and press <em>Authorize</em>. Any demo account signs in without a password.</p>
${demoApplications.map(application)}
<h3>Demo accounts</h3>
<ul>${demoUsers.map(({ name, address, provider }) => html`<li><code>${address}</code> (${name}, ${provider === 'google' ? 'Google' : 'Microsoft'})</li>`)}
<li><code>${sharedMailbox.address}</code> (shared mailbox, open to ${sharedMailbox.openTo})</li></ul>
</section>`;

function application({ name, provider, clientId, clientSecret, tenant }: Application, index: number): Html {
  const isMicrosoft = provider === 'microsoft';
  return html`<h3>${name}</h3>
<dl class="settings">
<dt>Provider</dt><dd><code>${isMicrosoft ? 'Microsoft' : 'Google'}</code></dd>
${isMicrosoft && html`<dt>Grant type</dt><dd><code>${tenant === 'common' ? 'Authorization code' : 'Client credentials'}</code></dd>`}
${entry(index, 'Client ID', clientId)}
${entry(index, 'Client secret', clientSecret)}
${isMicrosoft && entry(index, 'Tenant', tenant)}
</dl>`;
}

function entry(index: number, name: string, value: string): Html {
  const id = `application-${index}-${name.toLowerCase().replace(' ', '-')}`;
  const label = `Copy ${name.toLowerCase()} of ${demoApplications[index]?.name ?? ''}`;
  return html`<dt>${name}</dt><dd><code id="${id}">${value}</code><button type="button" data-copy="${id}" aria-label="${label}">Copy</button></dd>`;
}
