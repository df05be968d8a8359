import type { Product, ProductRequest } from './forge';
import { jsonResponse, proxyError } from './gate';
import type { CallMeta, Invocation } from './invocation';

/** Answers `requestJira` and `requestConfluence`: who asks, with which scopes, then the product itself. */
export async function callProduct(settings: {
  invocation: Invocation;
  product: Product | undefined;
  scopes: ReadonlySet<string>;
  meta: CallMeta;
  path: string;
  request: Request;
}): Promise<Response> {
  const { invocation, product, scopes, meta, path, request } = settings;
  // The product is not installed on this site.
  if (!product) return proxyError(404, 'PRODUCT_NOT_AVAILABLE');

  const as = callerOf(meta, invocation);
  if (as === null) return proxyError(401, 'NEEDS_AUTHENTICATION_ERR');
  if (as === 'impersonation') return proxyError(403, 'IMPERSONATION_NOT_ALLOWED');
  if (as.type !== 'none') {
    const required = product.scopes(request.method, path.split('?')[0] ?? path);
    if (!required.every((alternatives) => alternatives.some((scope) => scopes.has(scope)))) {
      return jsonResponse(401, { code: 401, message: 'Unauthorized; scope does not match' });
    }
  }
  const answer = await product.handle({
    method: request.method,
    path,
    headers: Object.fromEntries(request.headers),
    body: new Uint8Array(await request.arrayBuffer()),
    as,
  });
  const empty = answer.status === 204 || answer.status === 304;
  const body = typeof answer.body === 'string' ? answer.body : new Uint8Array(answer.body);
  return new Response(empty ? null : body, { status: answer.status, headers: answer.headers });
}

function callerOf(meta: CallMeta, invocation: Invocation): ProductRequest['as'] | null | 'impersonation' {
  if (meta.provider === 'app') return { type: 'app' };
  if (meta.provider !== 'user') return { type: 'none' };
  if (invocation.accountId === null) return meta.accountId === undefined ? null : 'impersonation';
  // Acting as somebody who is not there needs a permission that the app does not ask for.
  if (meta.accountId !== undefined && meta.accountId !== invocation.accountId) return 'impersonation';
  return { type: 'user', accountId: invocation.accountId };
}
