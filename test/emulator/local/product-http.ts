import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProductRequest, ProductResponse } from '../forge/forge';

/** Bytes of one request to the local host: an attachment and what is around it. */
export const requestLimit = 110 * 1024 * 1024;

/** An HTTP request as a product sees it; `prefix` is left off the path. */
export function productRequest(
  request: IncomingMessage,
  body: Uint8Array,
  prefix: string,
  as: ProductRequest['as'],
): ProductRequest {
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  return {
    method: request.method ?? 'GET',
    path: (request.url ?? '/').slice(prefix.length),
    headers: Object.fromEntries(headers),
    body,
    as,
  };
}

export function sendProductResponse(response: ServerResponse, { status, headers, body }: ProductResponse): void {
  response.writeHead(status, headers);
  response.end(body);
}
