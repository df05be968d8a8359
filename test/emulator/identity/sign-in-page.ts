import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { readForm } from './http';
import { type DemoUser, mayUse } from './users';

const notShown = ['openid', 'email', 'profile', 'offline_access'];

/** The page between an authorization request and its answer: choose an account, see what is asked for, allow or cancel. */
export async function handleSignIn(
  provider: Provider,
  users: readonly DemoUser[],
  title: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { params, uid } = await provider.interactionDetails(request, response);
  const scopes = String(params.scope ?? '').split(' ');
  const offered = users.filter((user) => mayUse(user, String(params.x_tenant ?? 'common')));
  if (request.method !== 'POST') {
    const client = await provider.Client.find(String(params.client_id));
    const page = renderPage({
      title,
      application: client?.clientName ?? String(params.client_id),
      action: `/interaction/${uid}`,
      users: offered,
      hint: String(params.login_hint ?? ''),
      scopes: scopes.filter((scope) => !notShown.includes(scope)),
    });
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(page);
    return;
  }
  const form = await readForm(request);
  const user = offered.find((candidate) => candidate.id === form.get('account'));
  if (user === undefined || form.get('decision') !== 'allow') {
    const result = { error: 'access_denied', error_description: 'The user did not agree.' };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
  const allowed = [
    ...scopes.filter((scope) => notShown.includes(scope)),
    ...form.getAll('scope').filter((scope) => scopes.includes(scope)),
  ];
  const grant = new provider.Grant({ accountId: user.id, clientId: String(params.client_id) });
  grant.addOIDCScope(allowed.join(' '));
  grant.rejectOIDCScope(scopes.filter((scope) => !allowed.includes(scope)).join(' '));
  const grantId = await grant.save();
  const result = { login: { accountId: user.id, remember: false }, consent: { grantId } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

interface PageContent {
  title: string;
  application: string;
  action: string;
  users: readonly DemoUser[];
  hint: string;
  scopes: readonly string[];
}

function renderPage({ title, application, action, users, hint, scopes }: PageContent): string {
  const chosen = users.find((user) => user.address === hint) ?? users[0];
  const accounts = users.map(
    (user) =>
      `<label><input type="radio" name="account" value="${safe(user.id)}" ${user === chosen ? 'checked' : ''}> ${safe(user.name)} <small>${safe(user.address)}</small></label>`,
  );
  const permissions = scopes.map(
    (scope) =>
      `<label><input type="checkbox" name="scope" value="${safe(scope)}" checked> <code>${safe(scope)}</code></label>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in: ${safe(title)}</title><style>
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}
fieldset{margin:1rem 0;border:1px solid;border-radius:.5rem}label{display:block;padding:.25rem 0}button{font:inherit;padding:.5rem 1rem}
</style></head><body><h1>${safe(title)}</h1>
<p>This is Letterbox’s local stand-in. No real account is involved, and no password is needed.</p>
<form method="post" action="${safe(action)}">
<fieldset><legend>Sign in as</legend>${accounts.join('')}</fieldset>
<fieldset><legend>${safe(application)} asks for</legend>${permissions.join('')}</fieldset>
<button name="decision" value="allow">Allow</button> <button name="decision" value="cancel">Cancel</button>
</form></body></html>`;
}

function safe(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
