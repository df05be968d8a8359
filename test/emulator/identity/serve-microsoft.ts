import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { addressOf, answerJson, readForm, refuse, type Serve } from './http';
import { metadata, prepareMicrosoft } from './microsoft';
import { handleSignIn } from './sign-in-page';
import type { TokenFacts } from './token-facts';
import { type DemoUser, tenantIdOf } from './users';

export function serveMicrosoft(
  provider: Provider,
  users: readonly DemoUser[],
  answerToken: Serve,
  inspect: (token: string) => Promise<TokenFacts | null>,
): Serve {
  return async (request, response) => {
    const { pathname } = addressOf(request);
    if (pathname.startsWith('/interaction/')) return handleSignIn(provider, users, 'Microsoft', request, response);
    if (pathname === '/introspect') return introspect(request, response);
    const tenant = pathname.split('/')[1] ?? '';
    if (tenantIdOf(tenant) === undefined)
      return refuse(response, `invalid_request: AADSTS90002: Tenant '${tenant}' not found.`);
    if (pathname.endsWith('/.well-known/openid-configuration')) return answerJson(response, metadata(tenant));
    request.url = request.url?.slice(tenant.length + 1);
    const unknown = pathname.endsWith('/oauth2/v2.0/authorize') ? prepareMicrosoft(request, tenant) : '';
    if (unknown !== '') return refuse(response, `invalid_scope: AADSTS70011: ${unknown}`);
    // The provider takes what this has in front as the path that it is mounted under.
    Object.assign(request, { originalUrl: `/${tenant}${request.url}` });
    if (pathname.endsWith('/token')) return answerToken(request, response);
    await provider.callback()(request, response);
  };

  /** Answers mail servers of both providers: only tokens for mail protocols are active there. */
  async function introspect(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const token =
      addressOf(request).searchParams.get('token') ?? bearer ?? (await readForm(request)).get('token') ?? '';
    const facts = await inspect(token);
    const isForMail =
      facts?.scopes.some((scope) => /(IMAP|POP)\.AccessAsUser\.All$|^https:\/\/mail\.google\.com\/$/.test(scope)) ??
      false;
    if (!isForMail || facts?.user == null) return answerJson(response, { active: false });
    const { address } = facts.user;
    answerJson(response, {
      active: true,
      username: address,
      email: address,
      scope: facts.scopes.join(' '),
      exp: facts.expiresAt,
    });
  }
}
